// The client's side of HTTP on an arbitrary answer, and URLs. The first byte says how the answer is cut.
#include "../support/scripted_stream.h"
#include "net/http/client.h"
#include "net/http/conditions.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] == 0 ? size : data[0];
  const std::string_view text = base::as_text({data + 1, size - 1});
  boost::asio::io_context io;
  test::ScriptedStream stream(io);
  for (std::size_t at = 0; at < text.size(); at += step) stream.input.emplace_back(text.substr(at, step));
  http::ClientLimits limits;
  limits.max_head_bytes = 512;
  limits.max_body_bytes = 512;
  http::Url url{.scheme = "http", .host = "a", .port = 80, .target = "/"};
  http::ClientRequest request{.method = data[0] & 1U ? "HEAD" : "POST", .headers = {}, .body = "x"};
  (void)test::run(io, http::exchange_on(stream, std::move(url), std::move(request), limits));

  if (auto parsed = http::parse_url(text)) (void)parsed->authority();
  (void)http::normalise_path(text);
  (void)http::query_value(text, "a");
  (void)http::parse_http_date(text);
  const http::RangeRequest range = http::parse_range(text, data[0]);
  if (range.kind == http::RangeKind::part && range.range.first + range.range.size > data[0]) __builtin_trap();
  return 0;
}
