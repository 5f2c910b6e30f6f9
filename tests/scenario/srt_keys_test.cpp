#include <nlohmann/json.hpp>

#include "net/srt/setup.h"
#include "scenario/support/hls_client.h"
#include "scenario/support/hook_server.h"
#include "scenario/support/srt_server.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::srt_keys_test {

// Passphrases of SRT streams that a hook says, and ports that a reload closes and opens.
using test::HookServer;
using test::LiveServer;
using test::play_id;
using test::publish_id;
using test::SrtPeer;
using test::SrtPlayer;

namespace {

constexpr int come_again = 1503;

std::string keyed_vhost(const HookServer& hook, const std::string& srt = "", const std::string& hooks = "") {
  return "min_latency on; srt { enabled on; " + srt + " } http_hooks { enabled on; on_srt_passphrase " + hook.url() +
         "; " + hooks + " } ";
}

std::string keyed_root(std::uint16_t port, const std::string& settings = "") {
  return "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; } srt_server { enabled on; listen 127.0.0.1:" +
         std::to_string(port) + "; tlpktdrop off; " + settings + " } ";
}

std::string key_answer(const std::string& passphrase, int key_bytes = 0) {
  return HookServer::ok(R"({"code":0,"data":{"passphrase":")" + passphrase + R"(","pbkeylen":)" +
                        std::to_string(key_bytes) + "}}");
}

// Calls as an encoder does that reconnects: until it is let in, or is told another thing than to come again.
int call_until_told(std::uint16_t port, const std::string& id, const std::string& passphrase) {
  int reject = come_again;
  (void)test::soon([&] {
    reject = SrtPeer(port, id, {.passphrase = passphrase}).reject();
    return reject != come_again;
  });
  return reject;
}

std::string all_of_api(const LiveServer& server) {
  std::string text;
  for (const char* path :
       {"/api/v1/config", "/api/v1/clients/", "/api/v1/streams/", "/api/v1/srt_servers/", "/metrics"})
    text += test::get(server.http_port(), path).body;
  return text;
}

nlohmann::json port_of(const LiveServer& server) {
  return nlohmann::json::parse(test::get(server.http_port(), "/api/v1/srt_servers/").body)["srt_servers"][0];
}

}  // namespace

TEST_CASE("a hook says the passphrase of an SRT stream: the first caller comes twice", "[scenario][srt]") {
  HookServer hook([](const HookServer::Call& call) {
    const auto body = nlohmann::json::parse(call.body);
    if (body["stream"] == "nobody") return HookServer::ok(R"({"code":1})");
    if (body["stream"] == "plain") return HookServer::ok("0");
    return key_answer(body["mode"] == "publish" ? "of-who-publishes" : "of-who-plays", 32);
  });
  const std::uint16_t port = test::free_port();
  LiveServer server(keyed_vhost(hook), keyed_root(port));

  CHECK(SrtPeer(port, publish_id("cam"), {.passphrase = "of-who-publishes"}).reject() == come_again);
  REQUIRE(hook.wait_calls(1));
  const auto body = nlohmann::json::parse(hook.calls().front().body);
  CHECK(body["action"] == "on_srt_passphrase");
  CHECK(body["app"] == "live");
  CHECK(body["stream"] == "cam");
  CHECK(body["mode"] == "publish");
  CHECK(body["vhost"] == "__defaultVhost__");
  CHECK(call_until_told(port, publish_id("cam"), "of-who-publishes") == 0);
  CHECK(hook.calls().size() == 1);

  std::unique_ptr<SrtPeer> again;
  REQUIRE(test::soon([&] {  // the one before has left, which takes a moment to be seen
    again = std::make_unique<SrtPeer>(port, publish_id("cam"), SrtPeer::Options{.passphrase = "of-who-publishes"});
    return again->connected();
  }));
  SrtPeer& publisher = *again;
  CHECK(SrtPeer(port, publish_id("x"), {.passphrase = "of-who-plays"}).reject() == come_again);
  CHECK(call_until_told(port, publish_id("x"), "of-who-plays") == SRT_REJ_BADSECRET);
  CHECK(call_until_told(port, play_id("cam"), "of-who-plays") == 0);
  SrtPlayer player(port, play_id("cam"), {.passphrase = "of-who-plays"});
  REQUIRE(player.peer.connected());
  REQUIRE(publisher.send_all(test::test_file("ts/h264_aac.ts")));
  CHECK(player.wait_frames(20));

  CHECK(call_until_told(port, publish_id("nobody"), "of-who-publishes") == 1403);
  CHECK(call_until_told(port, publish_id("plain"), "") == 0);
  const std::string shown = all_of_api(server);
  CHECK(shown.find("of-who-p") == std::string::npos);
  CHECK(shown.find("weir_hook_") != std::string::npos);
  CHECK(shown.find("on_srt_passphrase") != std::string::npos);
  CHECK(shown.find("weir_srt_passphrases ") != std::string::npos);
}

TEST_CASE("an answer without a passphrase leaves that of the configuration", "[scenario][srt]") {
  HookServer hook;
  const std::uint16_t port = test::free_port();
  LiveServer server(keyed_vhost(hook, "passphrase of-the-host;"), keyed_root(port));
  CHECK(call_until_told(port, play_id("cam"), "of-the-host") == 0);
  CHECK(SrtPeer(port, play_id("cam")).reject() == SRT_REJ_UNSECURE);
}

TEST_CASE("nobody is let in while the hook says nothing, and it is not asked for each caller", "[scenario][srt]") {
  HookServer hook([](const HookServer::Call&) { return std::string(HookServer::hang); });
  const std::uint16_t port = test::free_port();
  LiveServer server(keyed_vhost(hook, "", "fail_open on;"), keyed_root(port));
  for (int i = 0; i < 5; ++i) CHECK(SrtPeer(port, publish_id("cam")).reject() == come_again);
  CHECK(hook.calls().size() <= 1);
  for (int i = 0; i < 12; ++i) {
    const int reject = SrtPeer(port, publish_id("s" + std::to_string(i))).reject();
    CHECK((reject == come_again || reject == 1402));
  }
  CHECK(hook.calls().size() < 13);
  CHECK(port_of(server)["refused"] == 17);
}

TEST_CASE("an answer that is no passphrase lets nobody in", "[scenario][srt]") {
  HookServer hook([](const HookServer::Call&) { return key_answer("short"); });
  const std::uint16_t port = test::free_port();
  LiveServer server(keyed_vhost(hook), keyed_root(port));
  for (int i = 0; i < 3; ++i) CHECK(SrtPeer(port, publish_id("cam")).reject() == come_again);
  CHECK(SrtPeer(port, publish_id("cam"), {.passphrase = "shortshort"}).reject() == come_again);
}

TEST_CASE("another hook that a reload names is asked anew", "[scenario][srt]") {
  HookServer first([](const HookServer::Call&) { return key_answer("of-the-first-hook"); });
  HookServer second([](const HookServer::Call&) { return key_answer("of-the-second-hook"); });
  const std::uint16_t port = test::free_port();
  LiveServer server(keyed_vhost(first), keyed_root(port));
  CHECK(call_until_told(port, play_id("cam"), "of-the-first-hook") == 0);
  REQUIRE(server.reload(keyed_vhost(first, "passphrase_ttl 30;"), keyed_root(port)));
  CHECK(SrtPeer(port, play_id("cam"), {.passphrase = "of-the-first-hook"}).connected());
  REQUIRE(server.reload(keyed_vhost(second), keyed_root(port)));
  CHECK(SrtPeer(port, play_id("cam"), {.passphrase = "of-the-first-hook"}).reject() == come_again);
  CHECK(call_until_told(port, play_id("cam"), "of-the-first-hook") == SRT_REJ_BADSECRET);
  CHECK(call_until_told(port, play_id("cam"), "of-the-second-hook") == 0);
}

TEST_CASE("a port that a reload closed is opened again by the next that wants it", "[scenario][srt]") {
  const std::uint16_t port = test::free_port(), other = test::free_port();
  const std::string vhost = "min_latency on; srt { enabled on; } ";
  const std::string with = keyed_root(port), without = keyed_root(other);
  LiveServer server(vhost, with);
  SECTION("while somebody is there who came by it") {
    SrtPlayer player(port, play_id("cam"));
    REQUIRE(player.peer.connected());
    REQUIRE(server.reload(vhost, without));
    CHECK(SrtPeer(port, play_id("cam")).reject() == come_again);
    REQUIRE(server.reload(vhost, with));
    SrtPeer publisher(port, publish_id("cam"));
    REQUIRE(publisher.connected());
    REQUIRE(publisher.send_all(test::test_file("ts/h264_aac.ts")));
    CHECK(player.wait_frames(20));
    CHECK(port_of(server)["open"] == true);
  }
  SECTION("when the last has left") {
    {
      SrtPeer peer(port, play_id("cam"));
      REQUIRE(peer.connected());
      REQUIRE(server.reload(vhost, without));
    }
    REQUIRE(server.reload(vhost, with));
    CHECK(call_until_told(port, play_id("cam"), "") == 0);
  }
  SECTION("and it is somebody else's meanwhile") {
    REQUIRE(server.reload(vhost, without));
    // The library lets go of it after some seconds.
    CHECK(test::soon([&] {
      return net::SrtUdpSocket::bind({boost::asio::ip::make_address("127.0.0.1"), port}, false).has_value();
    }));
    REQUIRE(server.reload(vhost, with));
    CHECK(call_until_told(port, play_id("cam"), "") == 0);
    SrtPeer publisher(port, publish_id("cam"));
    REQUIRE(publisher.connected());
  }
}

TEST_CASE("latency that a reload changes is that of new connections", "[scenario][srt]") {
  const std::uint16_t port = test::free_port();
  const std::string vhost = "min_latency on; srt { enabled on; } ";
  LiveServer server(vhost, keyed_root(port, "latency 130;"));
  const auto latency = [&] {
    SrtPeer peer(port, play_id("cam"));
    REQUIRE(peer.connected());
    std::int64_t found = 0;
    (void)test::soon([&] {
      const auto all = nlohmann::json::parse(test::get(server.http_port(), "/api/v1/clients/").body)["clients"];
      for (const auto& one : all) {
        if (one["type"] == "srt-play") found = one["transport"]["send_latency_ms"];
      }
      return found != 0;
    });
    return found;
  };
  CHECK(latency() == 130);
  REQUIRE(server.reload(vhost, keyed_root(port, "latency 370; recvbuf 200000; mss 1400;")));
  CHECK(test::soon([&] { return latency() == 370; }));
}

TEST_CASE("buffers that a reload changes are those of new connections", "[scenario][srt]") {
  const std::uint16_t port = test::free_port();
  const std::string vhost = "min_latency on; srt { enabled on; } ";
  LiveServer server(vhost, keyed_root(port, "recvbuf 300000; sendbuf 300000;"));
  constexpr int packet = 1500 - 28;
  SrtPeer before(port, play_id("cam"));
  REQUIRE(before.connected());
  CHECK(before.flow_window() == 300'000 / packet);
  REQUIRE(server.reload(vhost, keyed_root(port, "recvbuf 900000; sendbuf 300000;")));
  SrtPeer after(port, play_id("cam"));
  REQUIRE(after.connected());
  CHECK(after.flow_window() == 900'000 / packet);
  CHECK(before.flow_window() == 300'000 / packet);
  CHECK(before.alive());
}

}  // namespace weir::test::srt_keys_test
