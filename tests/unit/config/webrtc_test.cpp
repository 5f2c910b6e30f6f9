// What of rtc_server can be seen to be wrong before anything runs.
#include "unit/config/support.h"

namespace weir::test::webrtc_test {

using namespace weir::config;
using test::all;

namespace {

Report load(const std::string& rtc) {
  return load_text("t.conf", "listen 1935; vhost a {}\nrtc_server { " + rtc + " }", {});
}
std::string errors(const std::string& rtc) { return all(load(rtc).errors); }

}  // namespace

TEST_CASE("servers of STUN and TURN are read in their order", "[config]") {
  const Report report = load(
      "ice_server { url stun:stun.example.com stun:[2001:db8::1]:3478; }"
      "ice_server { url turn:10.0.0.1:3478?transport=tcp turns:turn.example.com; username u; password p; }"
      "ice_server { url turn:a; secret s; lifetime 3600; }");
  CHECK(all(report.errors) == "");
  CHECK(all(report.warnings) == "");
  REQUIRE(report.config);
  const auto& servers = report.config->rtc_server.ice_servers;
  REQUIRE(servers.size() == 3);
  CHECK(servers[0].url == std::vector<std::string>{"stun:stun.example.com", "stun:[2001:db8::1]:3478"});
  CHECK(servers[1].password == "p");
  CHECK(servers[2].lifetime == std::chrono::hours(1));
}

TEST_CASE("an address of no STUN or TURN server is an error", "[config]") {
  for (const char* bad :
       {"stun.example.com", "http://a", "stun:", "stun:a:0", "stun:a:70000", "stun:a:b", "stun:a/b", "stun:u@a",
        "stun:[::1", "stun:[::1]3478", "stun:a?transport=udp", "turn:a?transport=sctp", "'turn:a>; rel=x'"}) {
    INFO(bad);
    CHECK(errors(std::string("ice_server { username u; password p; url ") + bad + "; }").find("is not stun:HOST") !=
          std::string::npos);
  }
  CHECK(errors("ice_server { username u; }") == "t.conf:2: ice_server needs 'url'\n");
}

TEST_CASE("clients refuse TURN without a name and a password", "[config]") {
  CHECK(errors("ice_server { url turn:a; }") ==
        "t.conf:2: turn needs username and password, or secret: clients refuse it without\n");
  CHECK_FALSE(errors("ice_server { url stun:a turns:a; username u; }").empty());
  CHECK(errors("ice_server { url turn:a; password p; secret s; }").empty());
}

TEST_CASE("media that is not encrypted is warned of", "[config]") {
  const auto warnings = [](const std::string& server) {
    return all(test::load("rtc_server { " + server + " }").warnings);
  };
  CHECK(warnings("enabled on; encrypt off;") ==
        "t.conf:1: media is not encrypted, and browsers take none of it: this is for tests\n");
  CHECK(warnings("enabled on; encrypt on;").empty());
}

TEST_CASE("a certificate of WebRTC has a key", "[config]") {
  CHECK(errors("cert a; key b;") == "");
  CHECK(errors("cert a;") == "t.conf:2: rtc_server has cert without key: both or none\n");
  CHECK(errors("key a;") == "t.conf:2: rtc_server has key without cert: both or none\n");
}

}  // namespace weir::test::webrtc_test
