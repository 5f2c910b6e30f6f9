#include "net/http/router.h"

#include "net/http/exchange.h"
#include "net/http/headers.h"
#include "net/http/jsonp.h"
#include "net/http/url.h"
#include "support/catch.h"

namespace weir::test::router_test {

using namespace weir::http;

namespace {

Request request_of(std::string target, std::string host = "any") {
  Request request;
  request.method = "GET";
  request.target = target;
  const std::size_t question = target.find('?');
  if (question != std::string::npos) request.query = target.substr(question + 1);
  request.path = *normalise_path(target.substr(0, question));
  request.host = std::move(host);
  return request;
}

// Routes carry their name in the body limit.
struct Named {
  Router router;
  std::vector<std::string> names;

  void add(const std::string& pattern) {
    names.push_back(pattern);
    router.add(pattern, Access::page, nullptr, names.size() - 1);
  }
  std::string operator()(const std::string& target, const std::string& host = "any") const {
    const auto found = router.find(request_of(target, host));
    if (!found.redirect.empty()) return "-> " + found.redirect;
    if (!found.route) return "404";
    return names[found.route->body_limit];
  }
};

}  // namespace

TEST_CASE("the longest pattern wins", "[http]") {
  Named find;
  CHECK(find("/") == "404");
  for (const char* pattern :
       {"/", "/api/", "/api/v1/", "/api/v1/versions", "/api/v1/streams/", "v.org/", "v.org/files/"}) {
    find.add(pattern);
  }
  CHECK(find("/") == "/");
  CHECK(find("/x/y.flv") == "/");
  CHECK(find("/api/") == "/api/");
  CHECK(find("/api/v2/x") == "/api/");
  CHECK(find("/api/v1/foo") == "/api/v1/");
  CHECK(find("/api/v1/versions") == "/api/v1/versions");
  CHECK(find("/api/v1/versions/") == "/api/v1/");
  CHECK(find("/api/v1/streams/vid-1") == "/api/v1/streams/");
}

TEST_CASE("a folder without its slash is redirected", "[http]") {
  Named find;
  for (const char* pattern : {"/", "/api/v1/streams/", "/a b/", "v.org/files/"}) find.add(pattern);
  CHECK(find("/api/v1/streams?count=3") == "-> /api/v1/streams/?count=3");
  CHECK(find("/a%20b") == "-> /a%20b/");
  CHECK(find("//api/v1/streams") == "-> /api/v1/streams/");  // never "//api...", which names a host
  CHECK(find("/files", "v.org") == "-> /files/");
  CHECK(find("/files", "other") == "/");
}

TEST_CASE("patterns with a host", "[http]") {
  Named find;
  for (const char* pattern : {"/", "/api/", "v.org/", "v.org/files/"}) find.add(pattern);
  CHECK(find("/x", "v.org") == "v.org/");
  CHECK(find("/files/x", "v.org") == "v.org/files/");
  CHECK(find("/files/x", "w.org") == "/");
  CHECK(find("/api/v1", "v.org") == "/api/");  // a host's root does not hide the API
  CHECK(find("/files/x?vhost=v.org", "w.org") == "v.org/files/");
  CHECK(find("/files/x?domain=V.org", "w.org") == "v.org/files/");
}

TEST_CASE("a host and a path are never another host and path", "[http]") {
  Named find;
  for (const char* pattern : {"/", "/api/", "/api/v1/config", "v.org/a/b/"}) find.add(pattern);
  CHECK(find("/config", "/api/v1") == "/");
  CHECK(find("/config?domain=/api/v1") == "/");
  CHECK(find("/b/x", "v.org/a") == "/");
}

TEST_CASE("matchers are asked before a root and after all else", "[http]") {
  Named find;
  for (const char* pattern : {"/", "/api/", "v.org/"}) find.add(pattern);
  find.names.emplace_back("matched");
  const std::uint64_t matched = find.names.size() - 1;
  find.router.add_matcher([matched](const Request& request) -> std::optional<Route> {
    if (!request.path.ends_with(".flv")) return std::nullopt;
    return Route(Access::media, nullptr, matched);
  });
  CHECK(find("/live/x.flv") == "matched");
  CHECK(find("/live/x.flv", "v.org") == "matched");
  CHECK(find("/api/x.flv") == "/api/");
  CHECK(find("/x.mp4") == "/");
}

TEST_CASE("header fields that would break the message apart are refused", "[http]") {
  Headers headers;
  CHECK(headers.add("A", "1"));
  CHECK_FALSE(headers.add("B", "x\r\nSet-Cookie: 1"));
  CHECK_FALSE(headers.add("B", "x\nC: 1"));
  CHECK_FALSE(headers.add("B: x\r\nC", "1"));
  CHECK_FALSE(headers.add("", "1"));
  CHECK(headers.add("Connection", "keep-alive , Upgrade"));
  CHECK(headers.size() == 2);
  CHECK(headers.find("a") == "1");
  CHECK(headers.has_token("connection", "upgrade"));
  CHECK_FALSE(headers.has_token("connection", "grade"));
}

TEST_CASE("a coding is taken unless its weight is nothing", "[http]") {
  const auto gzip = [](std::string_view value) { return Headers{{"Accept-Encoding", value}}.accepts_coding("gzip"); };
  for (const char* yes :
       {"gzip", "deflate, GZIP", "gzip;q=0.1", "gzip ; q=1", "*", "gzip, *;q=0", "br;q=0, gzip;q=0.001"}) {
    INFO(yes);
    CHECK(gzip(yes));
  }
  for (const char* no : {"", "identity", "gzip;q=0", "gzip; q=0.000", "gzip;Q=0.", "*;q=0", "*, gzip;q=0", "xgzip",
                         "gzipx", "deflate"}) {
    INFO(no);
    CHECK_FALSE(gzip(no));
  }
  CHECK_FALSE(Headers{}.accepts_coding("gzip"));
}

TEST_CASE("JSONP", "[http]") {
  const auto jsonp = [](const std::string& query) { return jsonp_of(request_of("/api?" + query)); };
  REQUIRE(jsonp(""));
  CHECK(json_reply(*jsonp(""), "{}").text == "{}");
  CHECK(json_reply(*jsonp(""), "{}").headers.find("Content-Type") == "application/json");
  REQUIRE(jsonp("callback=a.b_c-1"));
  CHECK(json_reply(*jsonp("callback=a.b_c-1"), "{}").text == "a.b_c-1({})");
  CHECK(json_reply(*jsonp("callback=f"), "{}").headers.find("Content-Type") == "text/javascript");
  CHECK(jsonp("callback=f&method=DELETE")->method == "DELETE");
  CHECK(jsonp("callback=f&method=TRACE")->method == "GET");
  CHECK(jsonp("method=DELETE")->method == "GET");
  for (const char* bad : {"callback=a(b", "callback=%3Cscript%3E", "callback=a%0d", "callback=a%zz", "callback=a;b"}) {
    CHECK_FALSE(jsonp(bad));
  }
  CHECK_FALSE(jsonp("callback=" + std::string(200, 'a')));
}

TEST_CASE("URLs of the client", "[http]") {
  const auto url = parse_url("HTTPS://Example.org/a/b?c=d#e");
  REQUIRE(url.has_value());
  CHECK(url->secure());
  CHECK(url->port == 443);
  CHECK(url->target == "/a/b?c=d");
  CHECK(parse_url("http://[2001:db8::1]:8080")->authority() == "[2001:db8::1]:8080");
  CHECK(parse_url("http://a:80")->authority() == "a");
  CHECK(parse_url("http://a?x")->target == "/?x");
  for (const char* bad : {"", "a", "ftp://a/", "http://", "http://a:99999/", "http://a/\r\nX: 1", "http://a/b c"}) {
    INFO(bad);
    CHECK(parse_url(bad).has_error());
  }
}

TEST_CASE("chunk heads of RFC 9112 7.1", "[http]") {
  std::array<std::uint8_t, 18> room;
  CHECK(base::as_text(base::Bytes(room).first(write_chunk_head(room, 0x1a2b))) == "1a2b\r\n");
  CHECK(write_chunk_head(room, ~std::size_t{0}) == 18);
}

}  // namespace weir::test::router_test
