#include "net/http/server.h"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>

#include "net/coroutine.h"
#include "net/http/exchange.h"
#include "net/http/request_reader.h"

namespace weir::http {

using base::Result;
using net::Task;

namespace {

struct Connection {
  net::ByteStream& stream;
  const Router& router;
  const ServerOptions& options;
  net::Watchdog& watchdog;
  net::Life* life;

  void report(std::string_view what) const {
    if (!options.on_fault) return;
    options.on_fault(fmt::format("http {}:{}: {}", stream.peer().address, stream.peer().port, what));
  }
};

// An answer to a request that could not be read. Tried once and not waited for: the peer may never read it.
void refuse(Connection& connection, base::ErrorCode error) {
  const int status = status_of(error);
  const std::string text = error.message() + "\n";
  const std::string message = fmt::format(
      "HTTP/1.1 {} {}\r\nServer: {}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Content-Length: {}\r\n\r\n{}",
      status, status_text(status), connection.options.server_name, text.size(), text);
  const iovec part{const_cast<char*>(message.data()), message.size()};
  (void)connection.stream.try_write({&part, 1});
}

// Reads for a moment what still comes: closing over unread bytes makes the kernel reset the connection, and the answer
// that explains the refusal is lost on the way.
Task<void> drain(Connection& connection) {
  constexpr std::size_t most = 256 * 1024;
  connection.stream.shutdown();
  connection.watchdog.arm(std::chrono::seconds(1));
  base::Buffer room(16 * 1024);
  for (std::size_t total = 0; total < most;) {
    const auto count = co_await connection.stream.read_some({room.data(), room.size()});
    if (!count) break;
    total += *count;
  }
}

// A preflight (Fetch 4.8) asks for another request: whether its answer may be read by the page's origin is that
// route's to say. The request itself is judged when it comes.
Reply answer_options(const Connection& connection, Exchange& exchange) {
  Request wanted = exchange.request();
  const std::string_view method = wanted.headers.find("Access-Control-Request-Method");
  wanted.method = method.empty() ? "GET" : std::string(method);
  Reply reply;
  const auto found = connection.router.find(wanted);
  const bool signalling = found.route && found.route->access == Access::signalling;
  if (!connection.options.cors && !signalling) return Reply::of_status(405);
  if (found.route) exchange.admit(false, connection.router.judge(exchange, found.route->access).readable);
  if (signalling) {  // RFC 9725 4.2; the wildcard of CORS leaves Authorization out (Fetch 4.9)
    reply.headers.add("Accept-Post", "application/sdp");
    reply.headers.add("Accept-Patch", "application/trickle-ice-sdpfrag");
    if (connection.options.cors) reply.headers.add("Access-Control-Allow-Headers", "Authorization");
  }
  reply.status = 200;
  return reply;
}

// Whoever guesses is made to wait.
Task<void> hold_back(Connection& connection, std::chrono::milliseconds delay) {
  connection.watchdog.arm(delay + connection.options.head_limit);
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, delay);
  (void)co_await timer.async_wait(net::use_ec);
}

Task<void> answer(Connection& connection, Exchange& exchange) {
  const Request& request = exchange.request();
  Reply reply;
  if (request.headers.has("Expect") && !request.headers.has_token("Expect", "100-continue")) {
    reply = Reply::plain(417, std::string(describe(Errc::expectation_unknown)) + "\n");
  } else if (request.method == "OPTIONS") {
    reply = answer_options(connection, exchange);
  } else if (auto [route, redirect] = connection.router.find(request); !route) {
    reply = Reply::of_status(404);
  } else {
    Verdict verdict = connection.router.judge(exchange, route->access);
    exchange.admit(verdict.is_operator, verdict.readable);
    if (verdict.refusal) {
      if (verdict.delay.count() > 0) co_await hold_back(connection, verdict.delay);
      reply = *std::move(verdict.refusal);
    } else if (!redirect.empty()) {
      reply = Reply::redirect(302, redirect);
    } else if (request.content_length.value_or(0) > route->body_limit) {
      connection.report(describe(Errc::body_too_large));
      reply = Reply::of_status(413);
    } else {
      connection.watchdog.disarm();
      co_await route->handler(exchange);
      co_return;
    }
  }
  (void)co_await exchange.reply(std::move(reply));
}

// One request and its answer; true if another may follow. What it holds is gone when it returns.
Task<bool> serve_request(Connection& connection, base::Buffer& leftover) {
  const ServerOptions& options = connection.options;
  const HeadLimits limits{options.max_head_bytes, options.max_target_bytes, options.max_headers};
  auto reader = std::make_unique<RequestReader>(connection.stream, limits, std::exchange(leftover, {}));
  auto request = co_await reader->read_head();
  if (!request) {
    base::ErrorCode error = request.error();
    if (error.category() == net::errc_category) {
      if (error != net::Errc::stopped || !connection.watchdog.expired()) co_return false;
      error = Errc::head_too_slow;
    }
    connection.report(error.message());
    refuse(connection, error);
    if (error != Errc::head_too_slow) co_await drain(connection);
    co_return false;
  }

  Exchange exchange(connection.stream, connection.watchdog, options, *std::move(request), std::move(reader));
  exchange.attach(connection.life);
  co_await answer(connection, exchange);
  if (!exchange.answered()) co_return false;
  if (connection.stream.encrypted()) {  // the last record may still be waiting for room
    connection.watchdog.arm(options.write_limit);
    if (!co_await connection.stream.writable()) co_return false;
  }
  if (exchange.must_close()) {
    if (!exchange.owns_stream() && !exchange.body_done()) co_await drain(connection);
    co_return false;
  }
  if (!co_await exchange.finish_body()) co_return false;
  leftover = exchange.take_leftover();
  co_return true;
}

}  // namespace

Task<void> serve_connection(net::ByteStream& stream, const Router& router, const ServerOptions& options,
                            net::Watchdog& watchdog, net::Life* life) {
  Connection connection{stream, router, options, watchdog, life};
  base::Buffer leftover;
  for (bool first = true;; first = false) {
    if (leftover.empty()) {
      watchdog.arm(first ? options.head_limit : options.idle_limit);
      if (const auto ready = co_await stream.readable(); !ready) break;
    }
    watchdog.arm(options.head_limit);
    if (!co_await serve_request(connection, leftover)) break;
    // Requests that are here already, and answers that the system takes at once, would never wait.
    if (!stream.turn().spend() && !co_await stream.yield()) break;
  }
  stream.shutdown();
  watchdog.disarm();
}

}  // namespace weir::http
