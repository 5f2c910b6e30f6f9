// A whole HTTP connection on arbitrary bytes: heads, bodies, pipelining, upgrades. The first byte says how they are
// cut.
#include "../support/scripted_stream.h"
#include "net/http/exchange.h"
#include "net/http/jsonp.h"
#include "net/http/server.h"
#include "net/http/site.h"

using namespace weir;

namespace {

net::Task<void> echo(http::Exchange& exchange) {
  const auto body = co_await exchange.read_body(256);
  if (!body) {
    (void)co_await exchange.reply_fault(body.error());
    co_return;
  }
  if (const auto jsonp = http::jsonp_of(exchange.request())) {
    http::Reply reply = http::json_reply(*jsonp, "{}");
    reply.headers.add("X-Address", exchange.client_address());
    const std::vector<std::string> listed{"https://a.example"};
    const bool own = http::site_of(exchange.request(), {listed}) == http::Site::own;
    reply.headers.add("X-Own", own && http::is_local_name(exchange.request().virtual_host()) ? "1" : "0");
    (void)co_await exchange.reply(std::move(reply));
  }
}

net::Task<void> upload(http::Exchange& exchange) {
  std::array<std::uint8_t, 33> room;
  for (;;) {
    const auto count = co_await exchange.read_body_some(room);
    if (!count || *count == 0) break;
  }
  (void)co_await exchange.start_stream(200, {}, http::Framing::chunked);
}

net::Task<void> upgrade(http::Exchange& exchange) {
  if (!co_await exchange.accept_websocket()) (void)co_await exchange.reply(http::Reply::of_status(400));
  (void)exchange.take_leftover();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] == 0 ? size : data[0];
  const std::string_view text = base::as_text({data + 1, size - 1});
  boost::asio::io_context io;
  test::ScriptedStream stream(io);
  for (std::size_t at = 0; at < text.size(); at += step) stream.input.emplace_back(text.substr(at, step));
  http::Router router;
  router.add("/", http::Access::page, echo);
  router.add("/up/", http::Access::page, upload, http::unlimited_body);
  router.add("/ws", http::Access::page, upgrade);
  router.add("host/x/", http::Access::page, echo, 10);
  http::ServerOptions options;
  options.max_head_bytes = 1024;
  options.max_target_bytes = 512;
  options.max_headers = 20;
  options.trusts_proxy = [](std::string_view address) { return address.size() % 2 == 0; };
  net::Watchdog watchdog;
  test::run(io, http::serve_connection(stream, router, options, watchdog));
  return 0;
}
