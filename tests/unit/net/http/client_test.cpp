#include "net/http/client.h"

#include "net/http/error.h"
#include "support/catch.h"
#include "support/scripted_stream.h"

namespace weir::test::client_test {

using namespace weir::http;
using test::ScriptedStream;

namespace {

struct Asked {
  boost::asio::io_context io;
  ScriptedStream stream{io};
  ClientLimits limits;

  base::Result<ClientReply> operator()(std::vector<std::string> input, ClientRequest request = {}) {
    stream.input = std::move(input);
    Url url = *parse_url("http://example.org:8085/api?x=1");
    return test::run(io, exchange_on(stream, std::move(url), std::move(request), limits));
  }
};

base::Result<ClientReply> ask(std::vector<std::string> input) { return Asked()(std::move(input)); }

}  // namespace

TEST_CASE("a request of the client and its answer at any cut", "[http]") {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nX-A: b\r\n\r\n{\"code\": 0}";
  for (std::size_t cut = 1; cut < answer.size(); ++cut) {
    Asked asked;
    ClientRequest request{.method = "POST", .headers = {{"Content-Type", "application/json"}}, .body = "{}"};
    const auto reply = asked({answer.substr(0, cut), answer.substr(cut)}, std::move(request));
    REQUIRE(reply.has_value());
    CHECK(reply->status == 200);
    CHECK(reply->headers.find("x-a") == "b");
    CHECK(reply->body == "{\"code\": 0}");
    CHECK(reply->keep_alive);
    CHECK(asked.stream.output ==
          "POST /api?x=1 HTTP/1.1\r\nHost: example.org:8085\r\nUser-Agent: Weir\r\nAccept: */*\r\nContent-Length: 2\r\n"
          "Content-Type: application/json\r\n\r\n{}");
  }
}

TEST_CASE("answers with chunks, without length, after interim ones", "[http]") {
  CHECK(ask({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\n", "b\r\n0\r\n\r\n"})->body == "ab");
  CHECK(ask({"HTTP/1.0 200 OK\r\n\r\na", "b"})->body == "ab");
  CHECK_FALSE(ask({"HTTP/1.0 200 OK\r\n\r\na", "b"})->keep_alive);
  CHECK(ask({"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"})->status == 204);
  Asked head;
  CHECK(head({"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"}, {.method = "HEAD"})->body.empty());
}

TEST_CASE("answers that are wrong, too large or too slow", "[http]") {
  CHECK(ask({}).error() == net::Errc::end_of_stream);
  CHECK(ask({"HTTP/1.1 2"}).error() == Errc::body_cut_off);
  CHECK(ask({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"}).error() == Errc::body_cut_off);
  CHECK(ask({"SSH-2.0-x\r\n\r\n"}).error() == Errc::bad_status_line);
  CHECK(ask({"HTTP/1.1 2x0 OK\r\n\r\n"}).error() == Errc::bad_status_line);
  CHECK(ask({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"}).error() ==
        Errc::length_and_chunked);
  CHECK(ask({"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"}).error() == Errc::body_too_large);
  std::vector<std::string> endless{"HTTP/1.0 200 OK\r\n\r\n"};
  for (int i = 0; i < 200; ++i) endless.emplace_back(10'000, 'x');
  CHECK(ask(endless).error() == Errc::body_too_large);
  CHECK(ask({"HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x')}).error() == Errc::head_too_large);
  CHECK(ask({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(60'000, 'x')}).error() ==
        Errc::bad_chunk);
  Asked slow;
  slow.stream.hang = true;
  slow.stream.patience = std::chrono::seconds(10);
  slow.limits.total = std::chrono::milliseconds(20);
  CHECK(slow({"HTTP/1.1 200 OK\r\n"}).error() == net::Errc::timed_out);
}

TEST_CASE("fetch connects and refuses https without a context", "[http]") {
  boost::asio::io_context io;
  std::string asked;
  const Connector connect = [&](std::string host,
                                std::uint16_t port) -> net::Task<base::Result<std::unique_ptr<net::ByteStream>>> {
    asked = host + " " + std::to_string(port);
    auto stream = std::make_unique<ScriptedStream>(io);
    stream->input = {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
    co_return std::unique_ptr<net::ByteStream>(std::move(stream));
  };
  CHECK(test::run(io, fetch(connect, nullptr, *parse_url("http://[::1]/"), {}, {}))->status == 200);
  CHECK(asked == "::1 80");
  CHECK(test::run(io, fetch(connect, nullptr, *parse_url("https://a/"), {}, {})).error() == Errc::unsupported_scheme);
}

}  // namespace weir::test::client_test
