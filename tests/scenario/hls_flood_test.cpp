#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "scenario/support/hls_client.h"
#include "scenario/support/hook_server.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::hls_flood_test {

// Clients that invent sessions, and publishers that change all the time: bounded work, and nobody else is locked out.
using namespace std::chrono_literals;
using rtmp::Role;
using test::Answer, test::get, test::publish, test::playlist;
using test::HookServer;
using test::LiveServer;
using test::RtmpPeer;
using test::operator+;

namespace {

constexpr const char* packaged = "hls { enabled on; hls_fragment 1; hls_window 10; hls_to_disk off; hls_dispose 60; } ";

std::string from(const std::string& address) { return "X-Forwarded-For: " + address + "\r\n"; }

struct Stream {
  explicit Stream(LiveServer& server) : publisher(server.rtmp_port(), Role::publish, "a") {
    REQUIRE(publisher.wait_publishing());
    publisher.send_headers();
    publish(publisher, 0, 110);
    REQUIRE_FALSE(playlist(server, "/live/a.m3u8?hls_ctx=first", 4).empty());
  }
  RtmpPeer publisher;
};

// Requests one after the other on few connections, as a flood comes; the statuses that came back.
class Asker {
 public:
  explicit Asker(std::uint16_t port) : socket_(port) {}
  int ask(const std::string& target, const std::string& fields) {
    socket_.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n");
    while (have_.find("\r\n\r\n") == std::string::npos) {
      if (!more()) return 0;
    }
    const std::size_t head = have_.find("\r\n\r\n") + 4;
    const std::size_t at = have_.find("Content-Length: ");
    const std::size_t size = std::stoul(have_.substr(at + 16));
    while (have_.size() < head + size) {
      if (!more()) return 0;
    }
    const int status = std::stoi(have_.substr(9, 3));
    have_.erase(0, head + size);
    return status;
  }

 private:
  bool more() {
    base::Buffer room(64 * 1024);
    const int count = socket_.receive({room.data(), room.size()}, 5s);
    if (count > 0) have_.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
    return count > 0;
  }
  test::Socket socket_;
  std::string have_;
};

}  // namespace

TEST_CASE("invented sessions of one address do not lock others out, and hooks are spared", "[scenario][hls][hostile]") {
  HookServer hook;
  LiveServer server(packaged + ("http_hooks { enabled on; on_play " + hook.url() + "; }"),
                    "workers 2; trusted_proxies 127.0.0.1; max_sessions_per_address 50; "
                    "http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  Stream stream(server);
  const std::size_t asked_before = hook.count("on_play");
  std::map<int, int> statuses;
  for (int connection = 0; connection < 4; ++connection) {
    Asker asker(server.http_port());
    for (int i = 0; i < 1'000; ++i) {
      ++statuses[asker.ask("/live/a.m3u8?hls_ctx=made" + std::to_string(connection * 1'000 + i), from("192.0.2.1"))];
    }
  }
  CHECK(statuses[200] >= 50);
  CHECK(statuses[200] <= 400);
  CHECK(statuses[503] >= 3'600);
  CHECK(hook.count("on_play") - asked_before <= 400);
  CHECK(get(server.http_port(), "/live/a.m3u8?hls_ctx=good", 5s, from("192.0.2.7")).status == 200);
  CHECK(get(server.http_port(), "/live/a-3.ts?hls_ctx=good", 5s, from("192.0.2.7")).status == 200);
  const std::string metrics = get(server.http_port(), "/metrics").body;
  CHECK(metrics.find("weir_hls_sessions_refused_total 3") != std::string::npos);
}

TEST_CASE("sessions that were sent no segment do not fill max_connections", "[scenario][hls][hostile]") {
  LiveServer server(packaged, "workers 2; trusted_proxies 127.0.0.1;");  // max_connections 500
  Stream stream(server);
  Asker asker(server.http_port());
  for (int i = 0; i < 700; ++i) {
    const std::string address = "192.0.2." + std::to_string(i % 100 + 1);
    CHECK(asker.ask("/live/a.m3u8?hls_ctx=x" + std::to_string(i), from(address)) == 200);
  }
  CHECK(asker.ask("/live/a.m3u8?hls_ctx=good", from("198.51.100.1")) == 200);
}

TEST_CASE("many viewers behind one proxy are not one viewer", "[scenario][hls]") {
  const bool forwards = GENERATE(true, false);
  LiveServer server(packaged, "workers 2; trusted_proxies 127.0.0.1; max_sessions_per_address 3;");
  Stream stream(server);
  for (int i = 0; i < 60; ++i) {
    const std::string id = "viewer" + std::to_string(i);
    const std::string fields = forwards ? from("198.51.100." + std::to_string(i)) : "";
    CHECK(get(server.http_port(), "/live/a.m3u8?hls_ctx=" + id, 5s, fields).status == 200);
    CHECK(get(server.http_port(), "/live/a-2.ts?hls_ctx=" + id, 5s, fields).status == 200);
  }
}

TEST_CASE("at its limit an address gives the place of one that was sent nothing", "[scenario][hls]") {
  LiveServer server(packaged, "workers 1; trusted_proxies 127.0.0.1; max_sessions_per_address 20;");
  Stream stream(server);
  const std::string here = from("192.0.2.1");
  for (int i = 0; i < 18; ++i) {
    CHECK(get(server.http_port(), "/live/a.m3u8?hls_ctx=x" + std::to_string(i), 5s, here).status == 200);
  }
  CHECK(get(server.http_port(), "/live/a-2.ts?hls_ctx=x0", 5s, here).status == 200);
  CHECK(get(server.http_port(), "/live/a.m3u8?hls_ctx=y0", 5s, here).status == 200);
  CHECK(get(server.http_port(), "/live/a.m3u8?hls_ctx=y1", 5s, here).status == 200);
  // Two more may begin each second.
  CHECK(test::soon([&] { return get(server.http_port(), "/live/a.m3u8?hls_ctx=y2", 5s, here).status == 200; }));
  CHECK(get(server.http_port(), "/live/a-2.ts?hls_ctx=x0", 5s, here).status == 200);
}

TEST_CASE("players of HLS and DASH are what they are, under one id from on_play to on_stop", "[scenario][hls]") {
  HookServer hook;
  LiveServer server(std::string(packaged) + "dash { enabled on; dash_fragment 1; } http_hooks { enabled on; on_play " +
                        hook.url() + "; on_stop " + hook.url() + "; }",
                    "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  Stream stream(server);
  REQUIRE(get(server.http_port(), "/live/a.mpd").status == 200);
  const auto listed = nlohmann::json::parse(get(server.http_port(), "/api/v1/clients/?count=10").body);
  std::map<std::string, std::string> ids;
  for (const auto& client : listed["clients"]) ids[client["type"]] = client["id"];
  REQUIRE(ids.contains("hls-play"));
  REQUIRE(ids.contains("dash-play"));
  for (const char* type : {"hls-play", "dash-play"}) {
    test::Socket socket(server.http_port());
    socket.send("DELETE /api/v1/clients/" + ids[type] + " HTTP/1.0\r\nHost: x\r\n\r\n");
    base::Buffer room(4096);
    CHECK(socket.receive({room.data(), room.size()}, 5s) > 0);
  }
  test::soon([&] { return hook.count("on_stop") >= 2; });
  std::set<std::string> played, stopped;
  for (const auto& call : hook.calls()) {
    const auto body = nlohmann::json::parse(call.body);
    (body["action"] == "on_play" ? played : stopped).insert(body["client_id"].get<std::string>());
  }
  CHECK(stopped == std::set<std::string>{ids["hls-play"], ids["dash-play"]});
  CHECK(played == stopped);
}

TEST_CASE("a publisher whose sequence headers change all the time is ended, and no other", "[scenario][hostile]") {
  LiveServer server(packaged);
  Stream stream(server);
  RtmpPeer restless(server.rtmp_port(), Role::publish, "restless");
  REQUIRE(restless.wait_publishing());
  restless.send_headers();
  for (int i = 0; i < 200 && !restless.closed; ++i) {
    // avcC of another PPS each time
    restless.client.send(rtmp::MessageType::video, static_cast<std::uint32_t>(i) * 40,
                         test::bytes("17 00 000000 01 42c01e ff e1 0019 6742c01eda0280bfe5c0440000030004000003 "
                                     "00f03c58ba80 01 0005 68ce3c80") +
                             test::repeat(static_cast<std::uint8_t>(i), 1));
    restless.flush();
  }
  CHECK(restless.wait_closed());
  publish(stream.publisher, 110, 140);
  CHECK_FALSE(playlist(server, "/live/a.m3u8?hls_ctx=first", 5).empty());
}

TEST_CASE("a server that stops has written every segment that its playlists name", "[scenario][hls]") {
  const auto folder = test::scratch("stop");
  constexpr int streams = 12;
  const auto written = [&folder](int stream) {
    std::ifstream file(folder / ("live/s" + std::to_string(stream) + ".m3u8"));
    return std::string((std::istreambuf_iterator<char>(file)), {});
  };
  {
    LiveServer server("hls { enabled on; hls_fragment 1; hls_window 30; hls_dispose 0; hls_recover off; hls_path " +
                      folder.string() + "; }");
    std::vector<std::unique_ptr<RtmpPeer>> publishers;
    for (int i = 0; i < streams; ++i) {
      publishers.push_back(
          std::make_unique<RtmpPeer>(server.rtmp_port(), Role::publish, std::string("s") + std::to_string(i)));
      REQUIRE(publishers.back()->wait_publishing());
      publishers.back()->send_headers();
    }
    for (auto& publisher : publishers) publish(*publisher, 0, 260);
    // Not by HTTP: an address may not ask for so many streams at once without fetching a segment of any.
    for (int i = 0; i < streams; ++i) {
      REQUIRE(test::soon([&] { return test::validate_playlist(written(i)).playlist.segments.size() >= 9; }));
    }
    server.stop();
  }
  for (int i = 0; i < streams; ++i) {
    const std::string text = written(i);
    const auto list = test::validate_playlist(text).playlist;
    INFO(text);
    CHECK(text.find("#EXT-X-ENDLIST") != std::string::npos);
    CHECK(list.segments.size() >= 9);
    for (const auto& segment : list.segments) CHECK(std::filesystem::exists(folder / "live" / segment.uri));
  }
}

}  // namespace weir::test::hls_flood_test
