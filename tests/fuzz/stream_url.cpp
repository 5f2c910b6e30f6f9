// What a client names: by tcUrl and stream name, by Host and target. A name that is taken says the same when our own
// clients write it.
#include <cstdlib>
#include <string>

#include "base/url.h"
#include "proto/stream_url.h"

using namespace weir;

namespace {

void check(const proto::StreamUrl& url) {
  if (url.stream.find('/') != std::string::npos) std::abort();
  for (const std::string* name : {&url.app, &url.stream}) {
    for (const char c : *name) {
      if (c == '?' || c == '#' || static_cast<unsigned char>(c) < 0x20) std::abort();
    }
  }
  if (url.vhost.find_first_of("/?#\\\"") != std::string::npos) std::abort();
  (void)proto::without_extension(url.stream);
}

}  // namespace

// The two halves are cut where the first byte says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string_view first = text.substr(0, text.size() * data[0] / 256), second = text.substr(first.size());
  if (const auto url = proto::parse_http_stream_url("http", first, second)) check(*url);
  const auto url = proto::parse_stream_url(first, second);
  if (!url) return 0;
  check(*url);
  if (url->stream.empty()) return 0;
  const auto again = proto::parse_stream_url(proto::tc_url_of(*url), url->stream);
  if (again && (again->app != url->app || again->stream != url->stream)) std::abort();
  return 0;
}
