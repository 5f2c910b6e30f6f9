#include "net/http/gzip.h"

#include <zlib.h>

#include <string>

#include "support/catch.h"

namespace weir::test::gzip_test {

TEST_CASE("what is made smaller can be read again", "[http]") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "#EXTINF:2.00000,\na-" + std::to_string(i) + ".ts\n";
  const base::SharedBytes small = http::gzip(base::as_bytes(text));
  REQUIRE(small.size() > 18);
  CHECK(small.size() < text.size() / 4);
  std::string out(text.size() + 1, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  stream.next_in = const_cast<Bytef*>(small.data());
  stream.avail_in = static_cast<uInt>(small.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  CHECK(out == text);
  CHECK(http::gzip(base::as_bytes("short")).empty());
}

}  // namespace weir::test::gzip_test
