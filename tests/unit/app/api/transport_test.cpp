#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "session/common/protocol.h"
#include "support/catch.h"
#include "unit/app/api/server_in_a_box.h"

namespace weir::test::transport_test {

using test::body_of;
using test::contains;
using test::Json;
using test::ServerInABox;
using test::shape;
using test::status_of;

namespace {

void with_auth(config::Config& config) {
  config.http_api.auth = {.enabled = true, .username = "admin", .password = "s3:cret"};
}

}  // namespace

TEST_CASE("versions, also by POST", "[api]") {
  ServerInABox box;
  const Json body = box.ask("/api/v1/versions");
  CHECK(shape(body) == "code:int server:text service:text pid:text data:object");
  CHECK(shape(body["data"]).starts_with("major:int minor:int revision:int version:text"));
  const std::string posted = box.send("POST /api/v1/versions HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
  CHECK(status_of(posted) == 200);
  CHECK(Json::parse(body_of(posted)) == body);
}

TEST_CASE("JSONP: the callback wraps the answer, a bad one is refused", "[api]") {
  ServerInABox box;
  const std::string answer = box.get("/api/v1/versions?callback=my.fn_1-x");
  CHECK(contains(answer, "Content-Type: text/javascript\r\n"));
  CHECK(body_of(answer).starts_with("my.fn_1-x({\"code\":0,"));
  CHECK(body_of(answer).ends_with("})"));
  for (const char* callback : {"a(b", "%3Cscript%3E", "a%20b", "%zz"}) {
    const std::string refused = box.get(std::string("/api/v1/versions?callback=") + callback);
    CHECK(status_of(refused) == 400);
    CHECK(body_of(refused) == R"({"code":4058,"message":"callback is no name: letters, digits, '.', '_' and '-'"})");
  }
}

TEST_CASE("a path that nothing serves shows the map of version 1", "[api]") {
  ServerInABox box;
  const Json body = box.ask("/api/v1/foo");
  CHECK(body["code"] == 0);
  CHECK(shape(body["urls"]) ==
        "versions:text summaries:text rusages:text self_proc_stats:text system_proc_stats:text meminfos:text "
        "authors:text "
        "features:text requests:text vhosts:text streams:text clients:text dvrs:text recordings:text forwards:text "
        "sources:text overlay:text variables:text programs:text raw:text clusters:text balance:text cluster:text "
        "drain:text "
        "srt_servers:text openapi.json:text perf:text tcmalloc:text");
  CHECK(shape(body["tests"]) == "requests:text errors:text redirects:text [vhost]:object");
  CHECK(box.ask("/api/")["urls"].contains("v1"));
  CHECK(box.ask("/")["urls"].contains("api"));
}

TEST_CASE("Basic authentication guards /api/ and nothing else", "[api]") {
  ServerInABox box(with_auth);
  const std::string refused = box.get("/api/v1/versions");
  CHECK(status_of(refused) == 401);
  CHECK(contains(refused, "WWW-Authenticate: Basic"));
  // base64("admin:s3:cret"), ("admin:wrong"), ("admin:s3:cre")
  CHECK(status_of(box.get("/api/v1/versions", 1, "Authorization: Basic YWRtaW46czM6Y3JldA==\r\n")) == 200);
  CHECK(status_of(box.get("/api/v1/versions", 1, "Authorization: basic YWRtaW46czM6Y3JldA==\r\n")) == 200);
  for (const char* bad : {"Basic YWRtaW46d3Jvbmc=", "Basic YWRtaW46czM6Y3Jl", "Basic", "Basic ",
                          "Bearer YWRtaW46czM6Y3JldA==", "YWRtaW46czM6Y3JldA==", "Basic YWRtaW46czM6Y3JldA==x"}) {
    CHECK(status_of(box.get("/api/v1/versions", 0, "Authorization: " + std::string(bad) + "\r\n")) == 401);
  }
  CHECK(status_of(box.get("//api//v1/versions")) == 401);
  CHECK(status_of(box.get("/%61pi/v1/versions")) == 401);
  CHECK(status_of(box.get("/metrics")) == 200);
  CHECK(status_of(box.get("/healthz")) == 200);
  CHECK(status_of(box.get("/readyz")) == 200);
}

TEST_CASE("addresses that may not ask get 403, but for the health checks", "[api]") {
  ServerInABox box(
      [](config::Config& config) { config.http_api.allow = {*config::AddressRange::parse("10.0.0.0/8")}; });
  CHECK(status_of(box.get("/api/v1/versions")) == 403);
  CHECK(status_of(box.get("/metrics")) == 403);
  CHECK(status_of(box.get("/healthz")) == 200);
  ServerInABox open(
      [](config::Config& config) { config.http_api.allow = {*config::AddressRange::parse("192.0.2.0/24")}; });
  CHECK(status_of(open.get("/api/v1/versions")) == 200);
}

TEST_CASE("without allow and auth, public addresses see what viewers need and no more", "[api]") {
  const std::string outsider = "X-Forwarded-For: 203.0.113.9\r\n", outsider6 = "X-Forwarded-For: 2001:db8::1\r\n";
  ServerInABox box;
  box.believe_proxies();
  auto request = box.request("live", "cam1", "fmle-publish");
  request.facts.set(session::facts::tc_url, "rtmp://192.0.2.1/live?key=secret");
  const std::string publisher = box.publish(0, std::move(request));
  for (const auto& who : {outsider, outsider6}) {
    for (const char* path : {"clients/", "summaries", "vhosts/", "raw?rpc=raw", "dvrs/", "forwards/", "sources/",
                             "programs/", "rusages", "clusters", "signal", "self_proc_stats",
                             "clients/x?callback=f&method=DELETE", "streams/x?callback=f&method=DELETE"}) {
      INFO(path);
      const std::string answer = box.get(std::string("/api/v1/") + path, 1, who);
      CHECK(status_of(answer) == 403);
      CHECK(contains(body_of(answer), R"({"code":403,"message":")"));
    }
    CHECK(status_of(box.get("/metrics", 0, who)) == 403);
    for (const char* path : {"/", "/api/v1/versions", "/api/v1/openapi.json", "/healthz", "/readyz"})
      CHECK(status_of(box.get(path, 0, who)) == 200);
    const std::string list = box.get("/api/v1/streams/", 1, who);
    CHECK(contains(list, "cam1"));
    CHECK_FALSE(contains(list, "secret"));
  }
  CHECK(status_of(box.send("DELETE /api/v1/clients/" + publisher + " HTTP/1.1\r\nHost: a\r\n" + outsider + "\r\n")) ==
        403);
  for (const char* who : {"127.0.0.1", "::1", "10.1.2.3", "172.17.0.1", "192.168.1.9", "fd00::7", "::ffff:10.0.0.1"}) {
    INFO(who);
    CHECK(status_of(box.get("/api/v1/clients/", 0, std::string("X-Forwarded-For: ") + who + "\r\n")) == 200);
  }
  CHECK(contains(box.get("/api/v1/streams/"), "secret"));

  ServerInABox with_password(with_auth);  // then it is the password that admits
  with_password.believe_proxies();
  CHECK(status_of(with_password.get("/api/v1/clients/", 0, outsider)) == 401);
  CHECK(status_of(with_password.get("/api/v1/clients/", 0,
                                    outsider + "Authorization: Basic YWRtaW46czM6Y3JldA==\r\n")) == 200);
  CHECK(status_of(with_password.get("/metrics", 0, outsider)) == 403);

  ServerInABox open([](config::Config& config) { config.http_api.allow = {*config::AddressRange::parse("all")}; });
  open.believe_proxies();
  CHECK(status_of(open.get("/api/v1/clients/", 0, outsider)) == 200);
  CHECK(status_of(open.get("/metrics", 0, outsider)) == 200);
}

TEST_CASE("the password may stand in a file, and one that is missing admits nobody", "[api]") {
  const auto file = std::filesystem::temp_directory_path() / ("weir-password-" + std::to_string(::getpid()));
  const auto ask = [&file](const char* credentials) {
    ServerInABox box([&file](config::Config& config) {
      config.http_api.auth = {.enabled = true, .username = "admin", .password = "", .password_file = file.string()};
    });
    return status_of(box.get("/api/v1/versions", 0, std::string("Authorization: Basic ") + credentials + "\r\n"));
  };
  CHECK(ask("YWRtaW46") == 401);  // "admin:"
  std::ofstream(file) << "s3:cret\n";
  CHECK(ask("YWRtaW46czM6Y3JldA==") == 200);
  CHECK(ask("YWRtaW46") == 401);
  std::filesystem::remove(file);
}

TEST_CASE("what this build does not have says so", "[api]") {
  ServerInABox box;
  const std::string post = "POST /rtc/v1/play/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
  CHECK(status_of(box.send(post)) == 501);
  CHECK(body_of(box.send(post)) == R"({"code":501,"message":"WebRTC is not available yet"})");
  CHECK(status_of(box.get("/rtc/v1/whep/?app=live&stream=a")) == 501);
  CHECK(status_of(box.get("/gb/v1/publish/")) == 501);
  CHECK(status_of(box.get("/api/v1/tcmalloc?page=summary")) == 501);
  const Json features = box.ask("/api/v1/features")["data"]["features"];
  CHECK(features["callback"] == true);
  CHECK(features["dvr"] == true);
  CHECK(features["transcode"] == true);
  CHECK(features["caster"] == true);
}

TEST_CASE("health: alive while the workers answer, ready until draining begins", "[api]") {
  ServerInABox box;
  CHECK(box.ask("/healthz")["status"] == "ok");
  CHECK(box.ask("/readyz", 1)["ready"] == true);
  box.on(1, [&] {
    box.hub(1).drain();
    return true;
  });
  const std::string answer = box.get("/readyz", 1);
  CHECK(status_of(answer) == 503);
  CHECK(Json::parse(body_of(answer)).dump() == R"({"ready":false,"draining":true,"reason":"leaving"})");
}

TEST_CASE("the test endpoints", "[api]") {
  ServerInABox box;
  CHECK(box.ask("/api/v1/tests/errors").dump() == R"({"code":100,"message":"the error of the tests"})");
  const std::string moved = box.get("/api/v1/tests/redirects");
  CHECK(status_of(moved) == 301);
  CHECK(contains(moved, "Location: /api/v1/tests/errors\r\n"));
  const Json data = box.ask("/api/v1/tests/requests?a=1")["data"];
  CHECK(shape(data) == "uri:text path:text METHOD:text headers:object");
  CHECK(data["uri"] == "/api/v1/tests/requests?a=1");
  CHECK(data["path"] == "/api/v1/tests/requests");
  CHECK(shape(data["headers"]) == "sigature:text version:text link:text time:int");
}

}  // namespace weir::test::transport_test
