#include <vector>

#include "net/http/exchange.h"
#include "net/http/parser.h"
#include "net/http/server.h"
#include "support/catch.h"
#include "support/scripted_stream.h"

namespace weir::test::rfc9112_test {

using namespace weir::http;

// What RFC 9112 (and 9110 where it defines the field) says that a server must refuse, or may and we do. Each line is
// given whole and at every cut, to a whole connection: the answer is as told, the connection ends, and a second request
// behind it is never served.
namespace {

struct Rule {
  const char* section;
  std::string request;
  int status;
};

const std::string start = "POST / HTTP/1.1\r\nHost: a\r\n";

const std::vector<Rule> rules = {
    {"2.2 blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
    {"2.2 tab before the first field", "GET / HTTP/1.1\r\n\tX: 1\r\nHost: a\r\n\r\n", 400},
    {"2.2 CR alone in the request line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"2.2 CR alone in a field", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400},
    {"2.2 CR alone as a line end", "GET / HTTP/1.1\r\nHost: a\rX: 1\r\n\r\n", 400},
    {"2.2 LF alone", "GET / HTTP/1.1\nHost: a\n\n", 400},
    {"2.2 LF alone at the end of the head", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
    {"2.2 a flood of empty lines", std::string("\r\n\r\n\r\n\r\n\r\n\r\n") + "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"2.3 no version", "GET /\r\nHost: a\r\n\r\n", 400},
    {"2.3 lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", 505},
    {"2.3 another major version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
    {"3 two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"3 a blank behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 505},
    {"3 a blank before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"3.1 a method that is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"3.2 no Host", "GET / HTTP/1.1\r\nX: 1\r\n\r\n", 400},
    {"3.2 two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"3.2 two Hosts of HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"3.2 a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"3.2 a Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
    {"3.2 a Host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"3.2 a Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
    {"3.2 a Host with two ports", "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", 400},
    {"3.2 brackets without an address", "GET / HTTP/1.1\r\nHost: [a]\r\n\r\n", 400},
    {"3.2 brackets around IPv4", "GET / HTTP/1.1\r\nHost: [127.0.0.1]\r\n\r\n", 400},
    {"3.2 a fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"3.2.1 not a path", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"3.2.2 no host in the absolute form (9110 4.2.1)", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"3.2.2 a user in the absolute form (9110 4.2.4)", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"3.2.2 no Host beside the absolute form", "GET http://a/ HTTP/1.1\r\n\r\n", 400},
    {"3.2.3 CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"3.2.4 an asterisk without OPTIONS", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"5.1 a blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
    {"5.1 a tab before the colon", "GET / HTTP/1.1\r\nHost: a\r\nX\t: 1\r\n\r\n", 400},
    {"5.1 no name", "GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n", 400},
    {"5.1 no colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400},
    {"5.2 a folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400},
    {"5.2 a folded Host", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400},
    {"5.2 folded by a tab", start + "Transfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\n", 400},
    {"5.2 a folded empty line", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n \r\n\r\n", 400},
    {"9110 5.5 NUL in a value", std::string("GET / HTTP/1.1\r\nHost: a\r\nX: a") + '\0' + "b\r\n\r\n", 400},
    {"6.1 a coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"6.1 chunked twice", start + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400},
    {"6.1 chunked in two fields", start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"6.1 a coding that we do not have", start + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
    {"6.3 chunked is not last", start + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400},
    {"6.3 no chunked", start + "Transfer-Encoding: gzip\r\n\r\n", 400},
    {"6.3 an empty coding", start + "Transfer-Encoding:\r\n\r\n", 400},
    {"6.3 identity", start + "Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx", 400},
    {"6.3 coding and length", start + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", 400},
    {"6.3 length and coding", start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"6.3 two lengths", start + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy", 400},
    {"6.3 a list of lengths", start + "Content-Length: 1, 1\r\n\r\nx", 400},
    {"6.3 a length with a sign", start + "Content-Length: +1\r\n\r\nx", 400},
    {"6.3 a length in hexadecimal", start + "Content-Length: 0x1\r\n\r\nx", 400},
    {"6.3 a length beyond numbers", start + "Content-Length: 18446744073709551616\r\n\r\n", 400},
    {"6.3 an empty length", start + "Content-Length:\r\n\r\n", 400},
};

net::Task<void> serve(Exchange& exchange) {
  if (const auto body = co_await exchange.read_body(100); !body) co_return;
  Reply reply = Reply::plain(200, exchange.request().path);
  (void)co_await exchange.reply(std::move(reply));
}

std::string ask(std::vector<std::string> input) {
  boost::asio::io_context io;
  test::ScriptedStream stream{io};
  Router router;
  router.add("/", Access::page, serve);
  ServerOptions options;
  net::Watchdog watchdog;
  stream.input = std::move(input);
  test::run(io, serve_connection(stream, router, options, watchdog));
  return stream.output;
}

}  // namespace

TEST_CASE("what RFC 9112 makes a server refuse is refused, at any cut", "[http]") {
  for (const Rule& rule : rules) {
    INFO(rule.section);
    const std::string behind = "GET /second HTTP/1.1\r\nHost: a\r\n\r\n";
    for (std::size_t cut = 0; cut < rule.request.size(); ++cut) {
      INFO("cut at " << cut);
      std::vector<std::string> input;
      if (cut > 0) input.push_back(rule.request.substr(0, cut));
      input.push_back(rule.request.substr(cut) + behind);
      const std::string answer = ask(std::move(input));
      REQUIRE(answer.starts_with("HTTP/1.1 " + std::to_string(rule.status) + " "));
      REQUIRE(answer.find("second") == std::string::npos);
      REQUIRE(answer.find("Connection: close\r\n") != std::string::npos);
    }
  }
}

TEST_CASE("what RFC 9112 makes a server take is taken", "[http]") {
  for (const std::string& request : {
           std::string("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),                             // 2.2: one empty line
           std::string("GET / HTTP/1.1\r\nHost:a\r\n\r\n"),                                  // 5.1: no blank
           std::string("GET / HTTP/1.1\r\nHost: \t a \t\r\nX:\r\n\r\n"),                     // 5.1: blanks around
           std::string("GET / HTTP/1.1\r\nHost:\r\n\r\n"),                                   // 3.2: no authority
           std::string("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),                         // 3.2.2
           std::string("GET / HTTP/1.1\r\nhOsT: a\r\n\r\n"),                                 // 9110 5.1
           start + "Transfer-Encoding: CHUNKED\r\n\r\n1;x=\"y\"\r\na\r\n0\r\nT: 1\r\n\r\n",  // 7.1, 7.1.1, 7.1.2
       }) {
    INFO(request);
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
      INFO("cut at " << cut);
      CHECK(ask({request.substr(0, cut), request.substr(cut)}).starts_with("HTTP/1.1 200 "));
    }
  }
}

// 6.3, 5.2, 4: what a client must not believe. Folded lines of answers become blanks instead.
TEST_CASE("answers that a client must discard", "[http]") {
  const auto fault = [](std::string_view text) {
    ReplyParser parser(HeadLimits{});
    base::Bytes in = base::as_bytes(text);
    for (;;) {
      const auto used = parser.put(in);
      if (!used) return true;
      if (*used == 0) return false;
      in = in.subspan(*used);
    }
  };
  CHECK_FALSE(fault("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"));
  CHECK_FALSE(fault("HTTP/1.1 200 \r\nX: 1\r\n 2\r\nContent-Length: 1\r\n\r\nx"));
  for (const char* bad : {
           "HTTP/1.1 20 OK\r\n\r\n",
           "HTTP/1.1 2000 OK\r\n\r\n",
           "HTTP/2.0 200 OK\r\n\r\n",
           "http/1.1 200 OK\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
           "HTTP/1.1 200 OK\r\nX : 1\r\n\r\n",
       }) {
    INFO(bad);
    CHECK(fault(bad));
  }
}

}  // namespace weir::test::rfc9112_test
