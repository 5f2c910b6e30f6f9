#include "net/http/parser.h"

#include <string>

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::parser_test {

using namespace weir::http;

namespace {

struct Fed {
  RequestParser parser{HeadLimits{}};
  std::vector<std::uint8_t> held;
  std::string body;
  std::optional<Request> request;
  base::ErrorCode error;

  void feed(base::Bytes piece) {
    held.insert(held.end(), piece.begin(), piece.end());
    for (;;) {
      if (error || parser.done()) return;
      const auto used = parser.put(held);
      if (!used) {
        error = used.error();
        return;
      }
      body.append(base::as_text(parser.body()));
      held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(*used));
      if (parser.head_done() && !request) request = parser.take_head();
      if (*used == 0) return;
    }
  }
};

test::ByteVector vector_of(std::string_view text) {
  const auto bytes = base::as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

template <class Check>
void every_way(std::string_view text, Check check) {
  test::feed_every_way(
      vector_of(text), [] { return Fed{}; }, [](Fed& fed, base::Bytes piece) { fed.feed(piece); }, check);
}

base::ErrorCode error_of(std::string_view text) {
  Fed fed;
  fed.feed(base::as_bytes(text));
  return fed.error;
}

}  // namespace

TEST_CASE("a request is read at any cut", "[http]") {
  every_way(
      "POST /live/a%20b/./x.flv?key=1%262&vhost=v.org HTTP/1.1\r\nHost: Example.org:8080\r\nContent-Length: 5\r\n"
      "X-Empty:\r\n\r\nhello",
      [](const Fed& fed) {
        REQUIRE_FALSE(fed.error);
        REQUIRE(fed.request);
        CHECK(fed.parser.done());
        CHECK(fed.request->method == "POST");
        CHECK(fed.request->path == "/live/a b/x.flv");
        CHECK(fed.request->query == "key=1%262&vhost=v.org");
        CHECK(fed.request->query_value("key") == "1&2");
        CHECK(fed.request->host == "example.org");
        CHECK(fed.request->virtual_host() == "v.org");
        CHECK(fed.request->headers.has("x-empty"));
        CHECK(fed.request->content_length == 5);
        CHECK(fed.request->keep_alive);
        CHECK(fed.body == "hello");
      });
}

TEST_CASE("a chunked body with extensions and trailers is read at any cut", "[http]") {
  every_way(
      "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "4;name=value\r\nWiki\r\n5\r\npedia\r\nE\r\n in \r\n\r\nchunks\r\n0\r\nX-Trailer: 1\r\n\r\n",
      [](const Fed& fed) {
        REQUIRE_FALSE(fed.error);
        CHECK(fed.parser.done());
        CHECK(fed.body == "Wikipedia in \r\n\r\nchunks");
        CHECK_FALSE(fed.request->headers.has("X-Trailer"));
      });
}

TEST_CASE("forms of the request target", "[http]") {
  Fed absolute;
  absolute.feed(base::as_bytes("GET http://Other.org:80/a?b HTTP/1.1\r\nHost: x\r\n\r\n"));
  REQUIRE(absolute.request);
  CHECK(absolute.request->host == "other.org");  // RFC 9112 3.2.2: it overrides Host
  CHECK(absolute.request->path == "/a");
  Fed old;
  old.feed(base::as_bytes("GET / HTTP/1.0\r\n\r\n"));
  REQUIRE(old.request);
  CHECK_FALSE(old.request->keep_alive);
  Fed star;
  star.feed(base::as_bytes("OPTIONS * HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n"));
  REQUIRE(star.request);
  CHECK(star.request->host == "[2001:db8::1]");
  CHECK(error_of("GET example HTTP/1.1\r\nHost: x\r\n\r\n") == Errc::bad_target);
  CHECK(error_of("CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n") == Errc::bad_target);
}

TEST_CASE("requests that could be read in two ways are refused", "[http]") {
  const std::string start = "POST / HTTP/1.1\r\nHost: a\r\n";
  CHECK(error_of(start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n") == Errc::length_and_chunked);
  CHECK(error_of(start + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n") == Errc::length_and_chunked);
  CHECK(error_of(start + "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\n") == Errc::chunked_not_last);
  CHECK(error_of(start + "Transfer-Encoding: gzip, chunked\r\n\r\n") == Errc::unknown_transfer_encoding);
  CHECK(error_of(start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n") == Errc::chunked_not_last);
  CHECK(error_of(start + "Transfer-Encoding: xchunked\r\n\r\n") == Errc::chunked_not_last);
  CHECK(error_of(start + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n") == Errc::bad_content_length);
  CHECK(error_of(start + "Content-Length: 5, 5\r\n\r\n") == Errc::bad_content_length);
  CHECK(error_of(start + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n") == Errc::bad_content_length);
  CHECK(error_of(start + "Content-Length: +5\r\n\r\n") == Errc::bad_content_length);
  CHECK(error_of(start + "Content-Length: -1\r\n\r\n") == Errc::bad_content_length);
  CHECK(error_of(start + "Content-Length: 99999999999999999999\r\n\r\n") == Errc::bad_content_length);
  CHECK(error_of(start + "Content-Length:\r\n\r\n") == Errc::bad_content_length);
  CHECK(error_of(start + "Content-Length : 5\r\n\r\n") == Errc::bad_header);
  CHECK(error_of(start + " Folded: 5\r\n\r\n") == Errc::folded_line);
  CHECK(error_of(start + "Host: b\r\n\r\n") == Errc::several_hosts);
  CHECK(error_of("GET / HTTP/1.1\r\n\r\n") == Errc::no_host);
  CHECK(error_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == Errc::coding_in_http_1_0);
}

TEST_CASE("absurd chunk sizes are refused", "[http]") {
  const std::string start = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(error_of(start + "fffffffffffffffff\r\n") == Errc::bad_chunk);  // 17 digits: over 64 bits
  CHECK(error_of(start + "-1\r\n") == Errc::bad_chunk);
  CHECK(error_of(start + "\r\n") == Errc::bad_chunk);
  CHECK(error_of(start + "0x5\r\nhello\r\n\r\n") == Errc::bad_chunk);
  CHECK(error_of(start + "5\r\nhelloXX0\r\n\r\n") == Errc::bad_chunk);
  CHECK(error_of(start + "5\nhello\r\n") != base::ErrorCode());
}

TEST_CASE("lines that are not HTTP", "[http]") {
  CHECK(error_of("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03") == Errc::bad_request_line);  // a TLS client
  CHECK(error_of("GET  / HTTP/1.1\r\nHost: a\r\n\r\n") == Errc::bad_request_line);
  CHECK(error_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == Errc::bad_version);
  CHECK(error_of("GET / HTTP/1.1 \r\nHost: a\r\n\r\n") == Errc::bad_version);
  CHECK(error_of("GET / HTTP/1.1\nHost: a\n\n") != base::ErrorCode());
  CHECK(error_of("GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n") == Errc::bad_request_line);
  CHECK(error_of("GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n") == Errc::bad_header);
  CHECK(error_of("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n") != base::ErrorCode());
  CHECK(error_of("GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n") == Errc::bad_header);
  CHECK(error_of("GET / HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n") == Errc::bad_header);
  CHECK(error_of("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n") == Errc::bad_host);
  CHECK(error_of("GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n") == Errc::bad_host);
}

TEST_CASE("no path leads out", "[http]") {
  for (const char* path : {"/../etc/passwd", "/a/..", "/%2e%2e/x", "/a/%2E./x", "/..%2fx", "/a/..//b", "/.%2e/"}) {
    INFO(path);
    CHECK(error_of("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n") == Errc::path_leaves_root);
  }
  CHECK(error_of("GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n") == Errc::control_character);
  CHECK(error_of("GET /a%0d%0aX:1 HTTP/1.1\r\nHost: a\r\n\r\n") == Errc::control_character);
  CHECK(error_of("GET /a%4 HTTP/1.1\r\nHost: a\r\n\r\n") == Errc::bad_percent_code);
  CHECK(error_of("GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n") == Errc::bad_percent_code);
}

TEST_CASE("floods meet their limits", "[http]") {
  CHECK(error_of("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n") == Errc::target_too_long);
  CHECK(error_of("GET /" + std::string(20000, 'a')) == Errc::target_too_long);
  CHECK(error_of("GET / HTTP/1.1\r\nX: " + std::string(20000, 'a')) == Errc::head_too_large);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 100; ++i) many += "X: 1\r\n";
  CHECK(error_of(many + "\r\n") == Errc::too_many_headers);

  // A line at a time, so that the parser never holds much: the whole head counts.
  Fed slow;
  slow.feed(base::as_bytes("GET / HTTP/1.1\r\nHost: a\r\n"));
  const std::string line = "X: " + std::string(4000, 'a') + "\r\n";
  for (int i = 0; i < 50 && !slow.error; ++i) slow.feed(base::as_bytes(line));
  CHECK(slow.error == Errc::head_too_large);
}

TEST_CASE("an answer is read to its length, its last chunk or its end", "[http]") {
  const auto parse = [](std::string_view text, bool without_body, bool& done) {
    ReplyParser parser(HeadLimits{}, without_body);
    std::string body;
    base::Bytes in = base::as_bytes(text);
    for (;;) {
      const auto used = parser.put(in);
      REQUIRE(used);
      if (*used == 0) break;
      body.append(base::as_text(parser.body()));
      in = in.subspan(*used);
    }
    done = parser.done() || parser.finish().has_value();
    return body;
  };
  bool done = false;
  CHECK(parse("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", false, done) == "ab");
  CHECK(done);
  CHECK(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", false, done) == "ab");
  CHECK(done);
  CHECK(parse("HTTP/1.0 200 OK\r\n\r\nabc", false, done) == "abc");
  CHECK(done);
  CHECK(parse("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true, done).empty());
  CHECK(done);
  CHECK(parse("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", false, done) == "ab");
  CHECK_FALSE(done);
}

}  // namespace weir::test::parser_test
