#include "net/http/answer.h"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>

#include "net/coroutine.h"
#include "net/http/server.h"

namespace weir::http {

namespace {

// A preflight (Fetch 4.8) asks for another request: whether its answer may be read by the page's origin is that
// route's to say. The request itself is judged when it comes.
Reply answer_options(Exchange& exchange, const Router& router) {
  Request wanted = exchange.request();
  const std::string_view method = wanted.headers.find("Access-Control-Request-Method");
  wanted.method = method.empty() ? "GET" : std::string(method);
  Reply reply;
  const auto found = router.find(wanted);
  const bool signalling = found.route && found.route->access == Access::signalling;
  if (!exchange.options().cors && !signalling) return Reply::of_status(405);
  if (found.route) exchange.admit(false, router.judge(exchange, found.route->access).readable);
  if (signalling) {  // RFC 9725 4.2; the wildcard of CORS leaves Authorization out (Fetch 4.9)
    reply.headers.add("Accept-Post", "application/sdp");
    reply.headers.add("Accept-Patch", "application/trickle-ice-sdpfrag");
    if (exchange.options().cors) reply.headers.add("Access-Control-Allow-Headers", "Authorization");
  }
  reply.status = 200;
  return reply;
}

// Whoever guesses is made to wait.
net::Task<void> hold_back(Exchange& exchange, std::chrono::milliseconds delay) {
  exchange.watchdog().arm(delay + exchange.options().head_limit);
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, delay);
  (void)co_await timer.async_wait(net::use_ec);
}

}  // namespace

net::Task<void> answer(Exchange& exchange, const Router& router) {
  const Request& request = exchange.request();
  Reply reply;
  if (request.headers.has("Expect") && !request.headers.has_token("Expect", "100-continue")) {
    reply = Reply::plain(417, std::string(describe(Errc::expectation_unknown)) + "\n");
  } else if (request.method == "OPTIONS") {
    reply = answer_options(exchange, router);
  } else if (auto [route, redirect] = router.find(request); !route) {
    reply = Reply::of_status(404);
  } else {
    Verdict verdict = router.judge(exchange, route->access);
    exchange.admit(verdict.is_operator, verdict.readable);
    if (verdict.refusal) {
      if (verdict.delay.count() > 0) co_await hold_back(exchange, verdict.delay);
      reply = *std::move(verdict.refusal);
    } else if (!redirect.empty()) {
      reply = Reply::redirect(302, redirect);
    } else if (request.content_length.value_or(0) > route->body_limit) {
      report(exchange.options(), exchange.stream().peer(), describe(Errc::body_too_large));
      reply = Reply::of_status(413);
    } else {
      exchange.watchdog().disarm();
      co_await route->handler(exchange);
      co_return;
    }
  }
  (void)co_await exchange.reply(std::move(reply));
}

void report(const ServerOptions& options, const net::Peer& peer, std::string_view what) {
  if (!options.on_fault) return;
  options.on_fault(fmt::format("http {}:{}: {}", peer.address, peer.port, what));
}

}  // namespace weir::http
