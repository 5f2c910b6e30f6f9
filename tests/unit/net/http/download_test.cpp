#include "net/http/download.h"

#include "net/http/error.h"
#include "support/catch.h"
#include "support/scripted_stream.h"

namespace weir::test::download_test {

using namespace weir::http;
using namespace std::chrono_literals;
using test::ScriptedStream;

namespace {

using Pieces = std::vector<std::string>;

// Each connection gives the next of the answers.
struct Server {
  boost::asio::io_context io;
  std::vector<Pieces> answers;
  std::vector<std::string> dialled;
  std::vector<ScriptedStream*> streams;
  DownloadLimits limits;
  bool hang = false;
  std::string why;

  base::Result<std::unique_ptr<Download>> open(const std::string& url, ClientRequest request = {}) {
    Download::Dialler dialler{.connect = [this](std::string host, std::uint16_t port) { return dial(host, port); }};
    return test::run(io, Download::open(std::move(dialler), *parse_url(url), std::move(request), limits, why));
  }
  net::Task<base::Result<std::unique_ptr<net::ByteStream>>> dial(std::string host, std::uint16_t port) {
    auto stream = std::make_unique<ScriptedStream>(io);
    if (dialled.size() < answers.size()) stream->input = answers[dialled.size()];
    stream->hang = hang;
    stream->patience = 10s;
    dialled.push_back(host + ":" + std::to_string(port));
    streams.push_back(stream.get());
    co_return std::unique_ptr<net::ByteStream>(std::move(stream));
  }
};

struct Body {
  std::string text;
  base::ErrorCode error;
};

Body body_of(Server& server, Download& download) {
  Body body;
  for (;;) {
    const auto piece = test::run(server.io, download.read());
    if (!piece) body.error = piece.error();
    if (!piece || piece->empty()) return body;
    body.text += base::as_text(*piece);
  }
}

Body body_of(Pieces answer) {
  Server server;
  server.answers = {std::move(answer)};
  const auto download = server.open("http://a/x");
  REQUIRE(download.has_value());
  return body_of(server, **download);
}

std::string redirect(const std::string& location) {
  return "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n";
}

}  // namespace

TEST_CASE("a body comes as it is sent, at any cut", "[http]") {
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n3\r\nFLV\r\n4;x=y\r\n1234\r\n0\r\n\r\n";
  for (std::size_t cut = 1; cut < chunked.size(); ++cut) {
    INFO(cut);
    const Body body = body_of({chunked.substr(0, cut), chunked.substr(cut)});
    CHECK_FALSE(body.error);
    CHECK(body.text == "FLV1234");
  }
  Pieces single;
  for (const char byte : chunked) single.emplace_back(1, byte);
  CHECK(body_of(single).text == "FLV1234");
  CHECK(body_of({"HTTP/1.0 200 OK\r\n\r\nab", "c"}).text == "abc");
  CHECK(body_of({"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "more"}).text == "abc");
  CHECK(body_of({"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"}).text == "a");
}

TEST_CASE("a request is sent with what it has, and the status of the answer is given", "[http]") {
  Server server;
  server.answers = {{"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nX-Why: none\r\n\r\n"}};
  ClientRequest request;
  request.headers.add("Authorization", "Basic YTpi");
  const auto download = server.open("http://a:8080/live/cam.flv?token=t", std::move(request));
  REQUIRE(download.has_value());
  CHECK((*download)->status() == 404);
  CHECK((*download)->headers().find("x-why") == "none");
  CHECK(server.dialled == std::vector<std::string>{"a:8080"});
  CHECK(server.streams[0]->output ==
        "GET /live/cam.flv?token=t HTTP/1.1\r\nHost: a:8080\r\nUser-Agent: Weir\r\nAccept: */*\r\n"
        "Authorization: Basic YTpi\r\nConnection: close\r\n\r\n");
}

TEST_CASE("redirects are followed to where they lead", "[http]") {
  const Url from = *parse_url("http://a:81/b/c?d=e");
  const auto leads = [&](std::string_view location) {
    const auto url = resolve_location(from, location);
    return url ? url->scheme + " " + url->host + " " + std::to_string(url->port) + " " + url->target : "";
  };
  CHECK(leads("https://x/y?z#f") == "https x 443 /y?z");
  CHECK(leads("//x:82/y") == "http x 82 /y");
  CHECK(leads("/y") == "http a 81 /y");
  CHECK(leads("y") == "http a 81 /b/y");
  CHECK(leads("?y=1:2") == "http a 81 /b/c?y=1:2");
  for (const char* bad : {"", "#f", "ftp://x/y", "file:///etc/passwd", "http://", "rtmp://x/a/b"}) {
    INFO(bad);
    CHECK(resolve_location(from, bad).error() == RedirectErrc::bad_location);
  }
}

TEST_CASE("another server hears no password", "[http]") {
  Server server;
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
  server.answers = {{redirect("/other")}, {redirect("http://b/there")}, {ok}};
  ClientRequest request;
  request.headers.add("Authorization", "Basic YTpi");
  const auto download = server.open("http://a/", std::move(request));
  REQUIRE(download.has_value());
  CHECK((*download)->status() == 200);
  CHECK(server.dialled == std::vector<std::string>{"a:80", "a:80", "b:80"});
}

TEST_CASE("a circle of redirects ends, and https is not left", "[http]") {
  Server server;
  for (int i = 0; i < 10; ++i) server.answers.push_back({redirect("/again")});
  CHECK(server.open("http://a/").error() == RedirectErrc::too_many);
  CHECK(server.dialled.size() == 4);  // the first, and three that it leads to
  Server plain;
  CHECK(plain.open("https://a/").error() == Errc::unsupported_scheme);
  CHECK(plain.dialled.empty());
}

TEST_CASE("heads and lines without an end are not waited for", "[http]") {
  const auto answers = [](Pieces pieces) {
    Server server;
    server.answers = {std::move(pieces)};
    return server.open("http://a/").error();
  };
  Pieces endless{"HTTP/1.1 200 OK\r\nX: "};
  for (int i = 0; i < 100; ++i) endless.emplace_back(10'000, 'x');
  CHECK(answers(endless) == Errc::head_too_large);
  CHECK(answers({std::string(100'000, 'x')}) == Errc::bad_status_line);
  CHECK(answers({"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) ==
        Errc::length_and_chunked);
  CHECK(answers({}) == net::Errc::end_of_stream);
  Pieces chunk{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"};
  for (int i = 0; i < 100; ++i) chunk.emplace_back(10'000, 'x');
  CHECK(body_of(chunk).error == Errc::bad_chunk);
  CHECK(body_of({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}).error == Errc::bad_chunk);
  CHECK(body_of({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"}).error == Errc::body_cut_off);
}

TEST_CASE("a server that says nothing is given up, and it is said at which step", "[http]") {
  Server server;
  server.hang = true;
  server.limits.step = 20ms;
  server.answers = {{"HTTP/1.1 200 OK\r\n"}};
  CHECK(server.open("http://a/").error() == net::Errc::timed_out);
  CHECK(server.why == "the answer to the request");
}

}  // namespace weir::test::download_test
