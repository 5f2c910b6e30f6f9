#include "net/http/gzip.h"

#include <zlib.h>

namespace weir::http {

base::SharedBytes gzip(base::Bytes content) {
  constexpr std::size_t overhead = 64;  // of head and trailer, more than the 18 bytes of RFC 1952
  constexpr std::size_t worth_it = 256;
  if (content.size() < worth_it || content.size() > (64u << 20)) return {};
  z_stream stream{};
  constexpr int gzip_head = 16, window = 15, fast = 3;
  if (deflateInit2(&stream, fast, Z_DEFLATED, window + gzip_head, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  base::Buffer out(content.size() + overhead);
  stream.next_in = const_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = deflate(&stream, Z_FINISH);
  const std::size_t size = out.size() - stream.avail_out;
  deflateEnd(&stream);
  if (ended != Z_STREAM_END || size >= content.size()) return {};
  return base::SharedBytes::copy_of(out.bytes().first(size));
}

}  // namespace weir::http
