#include "net/http/server.h"

#include <fmt/format.h>

#include "net/coroutine.h"
#include "net/http/answer.h"
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

  void report(std::string_view what) const { http::report(options, stream.peer(), what); }
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
  co_await answer(exchange, connection.router);
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
