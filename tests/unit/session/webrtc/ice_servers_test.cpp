#include "session/webrtc/ice_servers.h"

#include "support/catch.h"

namespace weir::test::ice_servers_test {

using session::webrtc::ice_server_links;
using Links = std::vector<std::string>;

namespace {

const std::chrono::system_clock::time_point now{std::chrono::seconds(1'700'000'000)};

Links links(const config::IceServer& server) { return ice_server_links({server}, now); }

}  // namespace

TEST_CASE("STUN servers are named without credentials, TURN servers with", "[webrtc]") {
  CHECK(ice_server_links({}, now).empty());
  CHECK(links({.url = {"stun:stun.example.net"}}) == Links{R"(<stun:stun.example.net>; rel="ice-server")"});
  CHECK(links({.url = {"stun:a", "turn:a?transport=udp"}, .username = "user", .password = "myPassword"}) ==
        Links{R"(<stun:a>; rel="ice-server")",
              R"(<turn:a?transport=udp>; rel="ice-server"; username="user"; credential="myPassword"; )"
              R"(credential-type="password")"});
}

TEST_CASE("what stands between quotes is escaped", "[webrtc]") {
  CHECK(links({.url = {"turns:a"}, .username = R"(a"b)", .password = R"(c\d)"}) ==
        Links{R"(<turns:a>; rel="ice-server"; username="a\"b"; credential="c\\d"; credential-type="password")"});
}

TEST_CASE("with a shared secret the name says until when, and the password signs it", "[webrtc]") {
  config::IceServer server{.url = {"turn:a"}, .secret = "north"};
  // printf 1700086400 | openssl dgst -sha1 -hmac north -binary | base64
  CHECK(links(server) ==
        Links{R"(<turn:a>; rel="ice-server"; username="1700086400"; credential="K+RlgFj3QLvB7WAVHfjfgMgyBeA="; )"
              R"(credential-type="password")"});
  server.username = "weir";
  server.lifetime = std::chrono::hours(1);
  CHECK(links(server) ==
        Links{R"(<turn:a>; rel="ice-server"; username="1700003600:weir"; credential="YtZG2ArcD8Qoz+OQzrnATdb+p1c="; )"
              R"(credential-type="password")"});
}

}  // namespace weir::test::ice_servers_test
