#include <fmt/format.h>

#include <map>

#include "session/common/protocol.h"
#include "support/catch.h"
#include "unit/app/api/server_in_a_box.h"

namespace weir::test::gate_test {

using http::Access;
using test::body_of;
using test::contains;
using test::ServerInABox;
using test::status_of;

namespace {

constexpr const char* right = "Authorization: Basic YWRtaW46czM6Y3JldA==\r\n";  // admin:s3:cret
constexpr const char* wrong = "Authorization: Basic YWRtaW46d3Jvbmc=\r\n";

void with_auth(config::Config& config) {
  config.http_api.auth = {.enabled = true, .username = "admin", .password = "s3:cret"};
}
void with_raw(config::Config& config) { config.http_api.raw_api = {.enabled = true, .allow_reload = true}; }

std::string get(ServerInABox& box, const std::string& target, const std::string& more = "",
                const std::string& host = "media") {
  return box.send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + more + "\r\n");
}

}  // namespace

TEST_CASE("every route says whom it is for", "[api]") {
  std::map<std::string, Access> told;
  ServerInABox box;
  http::Router router;
  api::add_routes(router, *box.context, box.hub(0));
  router.for_each([&](const std::string& pattern, const http::Route& route) { told[pattern] = route.access; });
  // Whoever adds one decides here, too.
  std::map<std::string, Access> wanted = {
      {"/", Access::api_root},
      {"/api/", Access::api_open},
      {"/api/v1/", Access::api_open},
      {"/api/v1/versions", Access::api_open},
      {"/api/v1/authors", Access::api_open},
      {"/api/v1/features", Access::api_open},
      {"/api/v1/openapi.json", Access::api_open},
      {"/api/v1/tests/requests", Access::api_open},
      {"/api/v1/tests/errors", Access::api_open},
      {"/api/v1/tests/redirects", Access::api_open},
      {"error.srs.com/api/v1/tests/errors", Access::api_open},
      {"/api/v1/streams/", Access::api_streams},
      {"/api/v1/summaries", Access::api},
      {"/api/v1/rusages", Access::api},
      {"/api/v1/self_proc_stats", Access::api},
      {"/api/v1/system_proc_stats", Access::api},
      {"/api/v1/meminfos", Access::api},
      {"/api/v1/vhosts/", Access::api},
      {"/api/v1/clients/", Access::api},
      {"/api/v1/dvrs/", Access::api},
      {"/api/v1/recordings/", Access::api},
      {"/api/v1/forwards/", Access::api},
      {"/api/v1/sources/", Access::api},
      {"/api/v1/programs/", Access::api},
      {"/api/v1/overlay/", Access::api},
      {"/api/v1/variables/", Access::api},
      {"/api/v1/logs", Access::api},
      {"/api/v1/config", Access::api},
      {"/api/v1/config/changes", Access::api},
      {"/api/v1/config/check", Access::api},
      {"/api/v1/clusters", Access::api},
      {"/api/v1/balance", Access::media},
      {"/api/v1/cluster", Access::api},
      {"/api/v1/drain", Access::api},
      {"/api/v1/srt_servers/", Access::api},
      {"/api/v1/events", Access::api},
      {"/api/v1/perf", Access::api},
      {"/api/v1/tcmalloc", Access::api},
      {"/api/v1/valgrind", Access::api},
      {"/api/v1/signal", Access::api},
      {"/api/v1/config/file/", Access::api_command},
      {"/api/v1/raw", Access::api_command},
      {"/metrics", Access::metrics},
      {"/rtc/v1/", Access::signalling},
      {"/gb/v1/", Access::signalling},
      {"/gb/v1/devices/", Access::api},
      {"/gb/v1/uppers/", Access::api},
      {"/gb/v1/publish/", Access::api},
      {"/gb/v1/media/", Access::api},
      {"/healthz", Access::health},
      {"/readyz", Access::health},
  };
  for (const auto& [pattern, access] : std::map(wanted)) {  // with its last slash or without
    if (pattern.ends_with('/') && pattern != "/") wanted[pattern.substr(0, pattern.size() - 1)] = access;
  }
  CHECK(told == wanted);
}

TEST_CASE("a password guards every route of the API, however it is asked for", "[api]") {
  ServerInABox box(with_auth);
  http::Router router;
  api::add_routes(router, *box.context, box.hub(0));
  router.for_each([&](const std::string& pattern, const http::Route& route) {
    if (route.access < Access::api_open || pattern.front() != '/') return;
    const std::string encoded = fmt::format("/%{:02x}{}", static_cast<unsigned char>(pattern[1]), pattern.substr(2));
    for (const std::string& written : {pattern, "/" + pattern, encoded, "/." + pattern}) {
      for (const char* more : {"", "?x=1", "?vhost=media", "?domain=error.srs.com", "?callback=f&method=DELETE"}) {
        INFO(written << more);
        CHECK(status_of(get(box, written + more)) == 401);
        CHECK(status_of(get(box, "http://x" + written + more)) == 401);
      }
    }
  });
  for (const char* path : {"/config?domain=/api/v1", "/logs?vhost=/api/v1", "/raw?rpc=reload&vhost=/api/v1",
                           "/streams/?domain=/api/v1", "/clients/x?domain=/api/v1"}) {
    INFO(path);
    CHECK(status_of(get(box, path)) == 400);
    CHECK(status_of(get(box, path, right)) == 400);
  }
  CHECK(status_of(get(box, "/api/v1/streams")) == 401);
}

TEST_CASE("pages of other sites change nothing and read nothing but lists", "[api]") {
  ServerInABox box(with_raw);
  const std::string client = box.publish(0, box.request("live", "cam", "fmle-publish"));
  int reloads = 0;
  box.context->request_reload = [&reloads] { ++reloads; };
  const std::vector<std::string> foreign = {
      "Origin: http://evil.example\r\n",    "Origin: null\r\n",
      "Sec-Fetch-Site: cross-site\r\n",     "Sec-Fetch-Site: same-site\r\nOrigin: http://media:3000\r\n",
      "Referer: http://evil.example/x\r\n",
      "User-Agent: Mozilla/5.0\r\n",  // a picture of a page that hides where it stands
  };
  for (const std::string& from : foreign) {
    INFO(from);
    for (const char* path : {"/api/v1/raw?rpc=reload", "/api/v1/raw?rpc=raw", "/api/v1/clients/?callback=f",
                             "/api/v1/streams/x?callback=f&method=DELETE", "/api/v1/config?callback=f"}) {
      INFO(path);
      CHECK(status_of(get(box, path, from)) == 403);
    }
    CHECK(status_of(get(box, "/api/v1/clients/" + client + "?callback=f&method=DELETE", from)) == 403);
    CHECK(contains(get(box, "/api/v1/streams/?callback=f", from), "f({\"code\":0"));
  }
  for (const char* method : {"DELETE", "POST", "PUT", "PATCH"}) {
    CHECK(status_of(box.send(std::string(method) + " /api/v1/clients/" + client + " HTTP/1.1\r\nHost: media\r\n" +
                             foreign[0] + "\r\n")) == 403);
  }
  CHECK(reloads == 0);
  CHECK_FALSE(contains(get(box, "/api/v1/summaries", foreign[0]), "Access-Control"));
  CHECK(contains(get(box, "/api/v1/streams/", foreign[0]), "Access-Control-Allow-Origin: *\r\n"));
  // Own pages, by any sign; and no page at all.
  for (const char* own :
       {"", "Sec-Fetch-Site: same-origin\r\n", "Sec-Fetch-Site: none\r\nUser-Agent: Mozilla/5.0\r\n",
        "Origin: http://media\r\n", "Origin: http://media:8080\r\n", "Referer: http://media:1985/console/\r\n"}) {
    INFO(own);
    CHECK(status_of(get(box, "/api/v1/raw?rpc=reload", own)) == 200);
    CHECK(status_of(get(box, "/api/v1/clients/?callback=f", own)) == 200);
  }
  CHECK(reloads == 6);
  // What a browser shows itself is out of a page's reach.
  CHECK(status_of(get(box, "/api/v1/clients/", "User-Agent: Mozilla/5.0\r\n")) == 200);
}

TEST_CASE("the page of another site does not see what only the operator sees", "[api]") {
  ServerInABox box;
  auto request = box.request("live", "cam", "fmle-publish");
  request.facts.set(session::facts::tc_url, std::string(request.facts.find(session::facts::tc_url)) + "?key=secret");
  box.publish(0, std::move(request));
  CHECK(contains(get(box, "/api/v1/streams/"), "secret"));
  CHECK_FALSE(contains(get(box, "/api/v1/streams/", "Origin: http://evil.example\r\n"), "secret"));
  CHECK_FALSE(contains(get(box, "/api/v1/streams/?callback=f", "Referer: http://evil.example/\r\n"), "secret"));
}

TEST_CASE("origins that are named may use all of it, and * is SRS's way", "[api]") {
  for (const char* named : {"https://console.example.org", "*"}) {
    ServerInABox box([&](config::Config& config) {
      with_raw(config);
      with_auth(config);
      config.http_api.crossdomain_origins = {named};
    });
    box.context->request_reload = [] {};
    const std::string from = "Origin: https://console.example.org\r\nSec-Fetch-Site: cross-site\r\n";
    const std::string answer = get(box, "/api/v1/raw?rpc=reload", from + right);
    CHECK(status_of(answer) == 200);
    CHECK(contains(answer, "Access-Control-Allow-Origin: https://console.example.org\r\n"));
    CHECK(contains(answer, "Vary: Origin\r\n"));
    CHECK(status_of(get(box, "/api/v1/raw?rpc=reload", from)) == 401);
    const std::string preflight = box.send("OPTIONS /api/v1/clients/x HTTP/1.1\r\nHost: media\r\n" + from +
                                           "Access-Control-Request-Method: DELETE\r\n\r\n");
    CHECK(contains(preflight, "Access-Control-Allow-Headers: *, Authorization\r\n"));
    CHECK(contains(preflight, "DELETE"));
  }
  ServerInABox closed;
  for (const char* method : {"DELETE", "GET"}) {
    const std::string answer = closed.send(std::string("OPTIONS /api/v1/clients/x HTTP/1.1\r\nHost: media\r\nOrigin: "
                                                       "http://evil.example\r\nAccess-Control-Request-Method: ") +
                                           method + "\r\n\r\n");
    CHECK(status_of(answer) == 200);
    CHECK_FALSE(contains(answer, "Access-Control"));
  }
}

TEST_CASE("names that a stranger could point here are none of the operator's", "[api]") {
  ServerInABox box([](config::Config& config) {
    config.http_api.host_names = {"media.example.org"};
    auto vhost = std::make_shared<config::Vhost>();
    vhost->name = "live.example.org";
    config.vhosts.push_back(std::move(vhost));
  });
  box.context->host_name = "box7.example.org";
  for (const char* host : {"media.example.org", "MEDIA.example.org:1985", "live.example.org", "box7.example.org",
                           "127.0.0.1", "[::1]:1985", "localhost", "weir", "weir.default.svc.cluster.local"}) {
    INFO(host);
    CHECK(status_of(get(box, "/api/v1/clients/", "", host)) == 200);
  }
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "x.media.example.org"}) {
    INFO(host);
    CHECK(status_of(get(box, "/api/v1/clients/", "", host)) == 403);
    CHECK(status_of(get(box, "/api/v1/raw?rpc=raw", "Sec-Fetch-Site: same-origin\r\n", host)) == 403);
    CHECK(status_of(get(box, "/api/v1/streams/", "", host)) == 200);
    CHECK(status_of(get(box, "/metrics", "", host)) == 200);
    CHECK(status_of(get(box, "/metrics", "Accept-Language: en\r\n", host)) == 403);
  }
  ServerInABox any([](config::Config& config) { config.http_api.host_names = {"*"}; });
  CHECK(status_of(get(any, "/api/v1/clients/", "", "evil.example")) == 200);
  ServerInABox guarded(with_auth);  // a page of that name does not know the password
  CHECK(status_of(get(guarded, "/api/v1/clients/", right, "media.example.org")) == 200);
  CHECK(status_of(guarded.send("DELETE /api/v1/streams/x HTTP/1.1\r\nHost: media.example.org\r\nOrigin: "
                               "http://media.example.org\r\n" +
                               std::string(right) + "\r\n")) == 200);
}

TEST_CASE("who comes through a proxy that is not trusted is one of the public", "[api]") {
  ServerInABox box;
  for (const char* sign : {"X-Forwarded-For: 127.0.0.1\r\n", "Forwarded: for=127.0.0.1\r\n", "Via: 1.1 x\r\n",
                           "X-Real-IP: 127.0.0.1\r\n"}) {
    INFO(sign);
    CHECK(status_of(get(box, "/api/v1/clients/", sign)) == 403);
    CHECK(status_of(get(box, "/metrics", sign)) == 403);
    CHECK(status_of(get(box, "/api/v1/streams/", sign)) == 200);
  }
  ServerInABox listed(
      [](config::Config& config) { config.http_api.allow = {*config::AddressRange::parse("192.0.2.0/24")}; });
  CHECK(status_of(get(listed, "/api/v1/clients/")) == 200);
  CHECK(status_of(get(listed, "/api/v1/clients/", "X-Forwarded-For: 192.0.2.1\r\n")) == 403);
  ServerInABox trusting;
  trusting.believe_proxies();
  for (const char* said : {"unknown", "0x7f.1", "010.0.0.1", "fe80::1%eth0", "", "unix:", "203.0.113.9"}) {
    INFO(said);
    CHECK(status_of(get(trusting, "/api/v1/clients/", std::string("X-Forwarded-For: ") + said + "\r\n")) == 403);
  }
  CHECK(status_of(get(trusting, "/api/v1/clients/", "Forwarded: for=10.1.2.3\r\n")) == 200);
}

TEST_CASE("too many wrong passwords lock an address out", "[api]") {
  ServerInABox box(with_auth);
  box.believe_proxies();
  const std::string attacker = "X-Forwarded-For: 203.0.113.9\r\n", operators = "X-Forwarded-For: 198.51.100.1\r\n";
  const auto now = auth::Lockout::Clock::now();
  for (unsigned i = 0; i + 1 < auth::Lockout::tries; ++i) box.context->lockout->wrong("203.0.113.9", now);
  CHECK(status_of(get(box, "/api/v1/versions", attacker + wrong)) == 401);
  const std::string locked = get(box, "/api/v1/versions", attacker + right);
  CHECK(status_of(locked) == 429);
  CHECK(contains(locked, "Retry-After: "));
  CHECK(status_of(get(box, "/api/v1/versions", attacker)) == 401);
  CHECK(status_of(get(box, "/api/v1/versions", operators + right)) == 200);
  CHECK(contains(get(box, "/metrics"), "weir_api_passwords_total{result=\"wrong\"} 10\n"));
}

TEST_CASE("the list of streams can be closed, and names hidden", "[api]") {
  const std::string outsider = "X-Forwarded-For: 203.0.113.9\r\n";
  ServerInABox closed([](config::Config& config) { config.http_api.public_streams = false; });
  closed.believe_proxies();
  CHECK(status_of(get(closed, "/api/v1/streams/", outsider)) == 403);
  CHECK(status_of(get(closed, "/api/v1/versions", outsider)) == 200);
  CHECK(status_of(get(closed, "/api/v1/streams/")) == 200);
  const std::string told = get(closed, "/api/v1/streams/", "Origin: http://evil.example\r\n");
  CHECK(status_of(told) == 403);
  CHECK(contains(told, "Access-Control-Allow-Origin: *\r\n"));  // so that a page can say why it shows none

  ServerInABox hidden([](config::Config& config) { config.http_api.hide_stream_names = true; });
  hidden.believe_proxies();
  auto request = hidden.request("live", "s3cretkey", "fmle-publish");
  request.facts.set(session::facts::tc_url, "rtmp://192.0.2.1/live/s3cretkey");
  hidden.publish(0, std::move(request));
  const std::string list = get(hidden, "/api/v1/streams/", outsider);
  CHECK(status_of(list) == 200);
  CHECK_FALSE(contains(list, "s3cretkey"));
  CHECK(contains(list, "\"app\":\"live\""));
  const auto stream = test::Json::parse(body_of(list))["streams"][0];
  CHECK(stream["name"] == stream["id"]);
  CHECK_FALSE(contains(get(hidden, "/api/v1/streams/" + stream["id"].get<std::string>(), outsider), "s3cretkey"));
  CHECK_FALSE(contains(get(hidden, "/metrics"), "s3cretkey"));
  CHECK(contains(get(hidden, "/metrics"), stream["id"].get<std::string>()));
  CHECK(contains(get(hidden, "/api/v1/streams/"), "s3cretkey"));
}

}  // namespace weir::test::gate_test
