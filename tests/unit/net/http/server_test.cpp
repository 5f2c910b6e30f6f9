#include "net/http/server.h"

#include "net/http/jsonp.h"
#include "support/catch.h"
#include "unit/net/http/served.h"

namespace weir::test::server_test {

using namespace weir::http;
using test::contains;
using test::echo_path;
using test::get;
using test::ScriptedStream;

namespace {

net::Task<void> echo_body(Exchange& exchange) {
  const auto body = co_await exchange.read_body(10);
  if (!body) {
    (void)co_await exchange.reply_fault(body.error());
    co_return;
  }
  Reply reply = Reply::plain(200, "<" + std::string(base::as_text(*body)) + ">");
  (void)co_await exchange.reply(std::move(reply));
}

net::Task<void> stream_two(Exchange& exchange) {
  const auto framing = co_await exchange.start_stream(200, Headers{{"Content-Type", "video/x-flv"}}, Framing::chunked);
  if (!framing) co_return;
  (void)co_await exchange.stream().write(base::as_bytes(*framing == Framing::chunked ? "2\r\nab\r\n0\r\n\r\n" : "ab"));
}

net::Task<void> count_upload(Exchange& exchange) {
  std::size_t total = 0;
  std::array<std::uint8_t, 7> room;
  for (;;) {
    const auto count = co_await exchange.read_body_some(room);
    if (!count) {
      (void)co_await exchange.reply_fault(count.error());
      co_return;
    }
    if (*count == 0) break;
    total += *count;
  }
  Reply reply = Reply::plain(200, std::to_string(total));
  (void)co_await exchange.reply(std::move(reply));
}

net::Task<void> accept_socket(Exchange& exchange) {
  const auto accepted = co_await exchange.accept_websocket("flv");
  if (!accepted) {
    (void)co_await exchange.reply_fault(accepted.error());
    co_return;
  }
  const base::Buffer early = exchange.take_leftover();
  (void)co_await exchange.stream().write(early);
}

net::Task<void> say_nothing(Exchange&) { co_return; }

net::Task<void> say_full(Exchange& exchange) {
  Reply reply = Reply::of_status(503);
  (void)co_await exchange.reply(std::move(reply));
}

net::Task<void> say_locked(Exchange& exchange) {
  Reply reply = Reply::of_status(429);
  reply.headers.add("Retry-After", "60");
  (void)co_await exchange.reply(std::move(reply));
}

struct Served : test::Served {
  std::vector<std::string> faults;

  Served() {
    router.add("/body", Access::page, echo_body);
    router.add("/small", Access::page, echo_body, 4);
    router.add("/stream", Access::page, stream_two);
    router.add("/upload", Access::page, count_upload, unlimited_body);
    router.add("/ws", Access::page, accept_socket);
    router.add("/nothing", Access::page, say_nothing);
    router.add("/full", Access::page, say_full);
    router.add("/locked", Access::page, say_locked);
    options.server_name = "test";
    options.on_fault = [this](std::string_view text) { faults.emplace_back(text); };
  }
};

std::string ask(std::vector<std::string> input) { return Served()(std::move(input)); }
std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("who is told to come back is told when", "[http]") {
  CHECK(contains(ask({get("/full")}), "\r\nRetry-After: 5\r\n"));
  const std::string locked = ask({get("/locked")});
  CHECK(contains(locked, "\r\nRetry-After: 60\r\n"));
  CHECK(count_of(locked, "Retry-After") == 1);
  CHECK_FALSE(contains(ask({get("/")}), "Retry-After"));
}

TEST_CASE("a request is answered whatever the cuts", "[http]") {
  const std::string request = get("/a%20b");
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    const std::string answer = ask({request.substr(0, cut), request.substr(cut)});
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\nServer: test\r\nDate: "));
    CHECK(contains(answer, "Connection: keep-alive\r\nContent-Length: 4\r\n"));
    CHECK(answer.ends_with("\r\n\r\n/a b"));
  }
}

TEST_CASE("pipelined requests are served in order, then the connection rests", "[http]") {
  const std::string all =
      get("/1") + "\r\n" + get("/2") + "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz" + get("/3");
  for (std::size_t cut = 1; cut < all.size(); cut += 3) {
    const std::string answer = ask({all.substr(0, cut), all.substr(cut)});
    CHECK(count_of(answer, "HTTP/1.1 200 OK") == 4);
    CHECK(answer.find("/1") < answer.find("/2"));
    CHECK(answer.find("/2") < answer.find("<xyz>"));
    CHECK(answer.ends_with("/3"));
  }
}

TEST_CASE("keep-alive follows the version and the Connection header", "[http]") {
  CHECK(contains(ask({get("/", "Connection: close\r\n") + get("/")}), "Connection: close"));
  CHECK(count_of(ask({get("/", "Connection: close\r\n") + get("/")}), "HTTP/1.1 200") == 1);
  CHECK(contains(ask({"GET / HTTP/1.0\r\n\r\n"}), "Connection: close"));
  CHECK(contains(ask({"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"}), "Connection: keep-alive"));
}

TEST_CASE("HEAD has the head of GET and no body", "[http]") {
  const std::string answer = ask({"HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n" + get("/next")});
  CHECK(contains(answer, "Content-Length: 4\r\n"));
  CHECK(count_of(answer, "HTTP/1.1 200") == 2);
  CHECK_FALSE(contains(answer, "/abc"));
}

TEST_CASE("bodies: length, chunked, 100-continue", "[http]") {
  CHECK(ask({"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe", "llo"}).ends_with("<hello>"));
  CHECK(
      ask({"POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r", "\n3\r\nllo\r\n0\r\n\r\n"})
          .ends_with("<hello>"));
  Served served;
  served.stream.on_wait = [](ScriptedStream& stream) {
    if (stream.output == "HTTP/1.1 100 Continue\r\n\r\n" && stream.input.size() == 1)
      stream.input.emplace_back("hello");
  };
  const std::string answer =
      served({"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"});
  CHECK(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"));
  CHECK(answer.ends_with("<hello>"));
  CHECK(contains(ask({get("/", "Expect: miracles\r\n")}), "417 Expectation Failed"));
}

TEST_CASE("bodies over the limit, known or not", "[http]") {
  CHECK(contains(ask({"POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"}), "413 Content Too Large"));
  CHECK(contains(
      ask({"POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n"}),
      "413 Content Too Large"));
  CHECK(contains(ask({"POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000000000\r\n\r\nhello"}), "413"));
  // A client that waits for leave to send is refused without it, and the connection ends: its body may still come.
  const std::string refused =
      ask({"POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n" + get("/")});
  CHECK(contains(refused, "Connection: close"));
  CHECK(count_of(refused, "HTTP/1.1 ") == 1);
}

TEST_CASE("an unread body is skipped when it is small", "[http]") {
  CHECK(count_of(ask({"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + get("/")}), "200 OK") == 2);
  const std::string big = ask({"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nhello"});
  CHECK(contains(big, "Connection: close"));
}

TEST_CASE("an upload without end is streamed", "[http]") {
  std::vector<std::string> input{"POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"};
  for (int i = 0; i < 1000; ++i) input.push_back("3e8\r\n" + std::string(1000, 'x') + "\r\n");
  input.emplace_back("0\r\n\r\n");
  CHECK(ask(input).ends_with("1000000"));
  input.pop_back();
  CHECK(contains(ask(input), "400 Bad Request"));  // cut off
}

TEST_CASE("a handler takes the stream over", "[http]") {
  const std::string chunked = ask({get("/stream") + get("/")});
  CHECK(contains(chunked, "Transfer-Encoding: chunked\r\n"));
  CHECK(contains(chunked, "Connection: close\r\n"));
  CHECK(chunked.ends_with("2\r\nab\r\n0\r\n\r\n"));
  const std::string plain = ask({"GET /stream HTTP/1.0\r\n\r\n"});
  CHECK_FALSE(contains(plain, "chunked"));
  CHECK(plain.ends_with("\r\n\r\nab"));
  CHECK(ask({get("/nothing") + get("/")}).empty());
}

TEST_CASE("the WebSocket handshake of RFC 6455 1.3", "[http]") {
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const std::string answer = ask(
      {get("/ws", "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" + key + "Sec-WebSocket-Version: 13\r\n") +
       "early"});
  CHECK(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  CHECK(contains(answer, "Upgrade: websocket\r\nConnection: Upgrade\r\n"));
  CHECK(contains(answer, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  CHECK(contains(answer, "Sec-WebSocket-Protocol: flv\r\n"));
  CHECK(answer.ends_with("\r\n\r\nearly"));
  CHECK(contains(ask({get("/ws", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n" + key)}),
                 "400"));
}

TEST_CASE("CORS and OPTIONS", "[http]") {
  const std::string with = ask({get("/", "Origin: http://x\r\nAccess-Control-Request-Private-Network: true\r\n")});
  CHECK(contains(with, "Access-Control-Allow-Origin: *\r\n"));
  CHECK(contains(with, "Access-Control-Allow-Credentials: false\r\n"));
  CHECK(contains(with, "Access-Control-Allow-Private-Network: true\r\n"));
  CHECK(contains(with, "Vary: Origin\r\n"));
  CHECK_FALSE(contains(ask({get("/")}), "Access-Control"));
  CHECK(contains(ask({get("/")}), "Vary: Origin\r\n"));
  CHECK(contains(ask({"OPTIONS /body HTTP/1.1\r\nHost: a\r\nOrigin: x\r\n\r\n"}), "200 OK"));
  Served off;
  off.options.cors = false;
  CHECK(contains(off({"OPTIONS /body HTTP/1.1\r\nHost: a\r\nOrigin: x\r\n\r\n"}), "405 Method Not Allowed"));
}

TEST_CASE("a bad request gets one line and the connection ends", "[http]") {
  Served served;
  const std::string answer = served({"GET /../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n" + get("/")});
  CHECK(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(answer.ends_with("the path holds \"..\"\n"));
  CHECK(served.stream.shut_down);
  REQUIRE(served.faults.size() == 1);
  CHECK(served.faults[0] == "http 192.0.2.7:4242: the path holds \"..\"");
  CHECK(contains(ask({"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n"}), "414 URI Too Long") == false);
  CHECK(contains(ask({"GET /" + std::string(30000, 'a')}), "414 URI Too Long"));
  CHECK(contains(ask({get("/", "X: " + std::string(30000, 'a'))}), "431 Request Header Fields Too Large"));
  CHECK(contains(ask({"GET / HTTP/2.0\r\nHost: a\r\n\r\n"}), "505 HTTP Version Not Supported"));
  CHECK(contains(ask({"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: br, chunked\r\n\r\n"}), "501 Not Implemented"));
}

TEST_CASE("a head that comes too slowly meets its deadline, a silent peer its end", "[http]") {
  Served slow;
  slow.options.head_limit = std::chrono::milliseconds(1);
  slow.stream.hang = true;
  CHECK(contains(slow({"GET / HT"}), "408 Request Timeout"));
  REQUIRE(slow.faults.size() == 1);
  CHECK(contains(slow.faults[0], "longer than its time limit"));
  Served silent;
  silent.stream.hang = true;
  CHECK(silent({}).empty());
  CHECK(silent.faults.empty());
}

TEST_CASE("a reader that never reads blocks its own connection only", "[http]") {
  Served served;
  served.stream.room = 20;
  CHECK(served({get("/") + get("/")}).size() == 20);
}

TEST_CASE("writes in small parts arrive whole", "[http]") {
  Served served;
  served.stream.largest_write = 3;
  CHECK(served({get("/" + std::string(3000, 'p'))}).ends_with(std::string(3000, 'p')));
}

TEST_CASE("the address behind a proxy is believed from a trusted peer only", "[http]") {
  std::string seen;
  const auto ask_behind = [&](bool trusted) {
    Served served;
    served.router.add("/ip", Access::page, [&seen](Exchange& exchange) -> net::Task<void> {
      seen = exchange.client_address();
      return echo_path(exchange);
    });
    if (trusted) served.options.trusts_proxy = [](std::string_view address) { return address == "192.0.2.7"; };
    served({get("/ip", "X-Forwarded-For: 198.51.100.1\r\n")});
    return seen;
  };
  CHECK(ask_behind(false) == "192.0.2.7");
  CHECK(ask_behind(true) == "198.51.100.1");
}

}  // namespace weir::test::server_test
