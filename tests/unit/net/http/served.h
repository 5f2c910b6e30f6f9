#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http/exchange.h"
#include "net/http/server.h"
#include "support/scripted_stream.h"

namespace weir::test {

// Answers with the path that was asked for.
inline net::Task<void> echo_path(http::Exchange& exchange) {
  http::Reply reply = http::Reply::plain(200, exchange.request().path);
  (void)co_await exchange.reply(std::move(reply));
}

// A server of one connection: takes requests as they are cut, gives what was answered. "/" echoes the path.
struct Served {
  boost::asio::io_context io;
  ScriptedStream stream{io};
  http::Router router;
  http::ServerOptions options;
  net::Watchdog watchdog;

  Served() { router.add("/", http::Access::page, echo_path); }
  std::string operator()(std::vector<std::string> input) {
    stream.input = std::move(input);
    run(io, http::serve_connection(stream, router, options, watchdog));
    return stream.output;
  }
};

inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
inline std::string get(std::string_view target, std::string_view more = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(more) + "\r\n";
}

}  // namespace weir::test
