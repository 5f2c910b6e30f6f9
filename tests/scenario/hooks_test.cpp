#include <sys/socket.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "scenario/support/hook_server.h"
#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "support/catch.h"

namespace weir::test::hooks_test {

// The whole server and a hook server that behaves, or does not.
using namespace std::chrono_literals;
using rtmp::Role;
using test::HookServer;
using test::LiveServer;
using test::RtmpPeer;

namespace {

using Clock = std::chrono::steady_clock;

std::string hooks_of(const HookServer& server, const std::string& more = "", const std::string& events = "") {
  std::string text = "min_latency on; http_hooks { enabled on; " + more;
  for (const std::string event : {"on_connect", "on_close", "on_publish", "on_unpublish", "on_play", "on_stop"}) {
    if (events.empty() || events.find(event) != std::string::npos) text += event + " " + server.url() + "; ";
  }
  return text + "}";
}

std::string header(const HookServer::Call& call, const std::string& name) {
  const auto at = call.head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const auto begin = at + name.size() + 4;
  return call.head.substr(begin, call.head.find("\r\n", begin) - begin);
}

bool refused(RtmpPeer& peer, const std::string& code) { return peer.wait_status(code) && peer.wait_closed(); }

// The first that comes of the answer: its head, and its body if that is short.
std::string http_answer(std::uint16_t port, const std::string& path) {
  test::Socket socket(port);
  socket.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  base::Buffer room(4096);
  std::string text;
  for (int count = 1; count > 0;) {
    count = socket.receive({room.data(), room.size()}, 5s);
    if (count > 0) text.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  }
  return text;
}

int http_status(LiveServer& server, const std::string& path) {
  const std::string answer = http_answer(server.http_port(), path);
  return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
}

}  // namespace

TEST_CASE("a session is told of from connect to close, in order", "[scenario][hooks]") {
  HookServer hook;
  LiveServer server(hooks_of(hook));
  {
    RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam1?key=abc");
    REQUIRE(publisher.wait_publishing());
    REQUIRE(hook.calls().size() == 2);
    publisher.send_headers();
    publisher.send_frame(0, true);
    RtmpPeer player(server.rtmp_port(), Role::play, "cam1");
    REQUIRE(player.wait_media(2));
    REQUIRE(hook.calls().size() == 4);
  }
  REQUIRE(hook.wait_calls(8));
  std::map<std::string, std::vector<std::string>> actions;
  std::string stream_id;
  for (const auto& call : hook.calls()) {
    CHECK(call.method == "POST");
    CHECK(header(call, "Content-Type") == "application/json");
    CHECK(header(call, "X-Weir-Signature").empty());
    const auto json = nlohmann::json::parse(call.body);
    CHECK(json["ip"] == "127.0.0.1");
    CHECK(json["app"] == "live");
    actions[json["client_id"]].push_back(json["action"]);
    if (json["action"] == "on_publish") {
      CHECK(json["param"] == "?key=abc");
      CHECK(json["stream"] == "cam1");
      stream_id = json["stream_id"];
    }
    if (json["action"] == "on_play") CHECK(json["stream_id"] == stream_id);
    if (json["action"] == "on_close") CHECK(json["recv_bytes"] > 1000);
  }
  REQUIRE(actions.size() == 2);
  const std::vector<std::string> published{"on_connect", "on_publish", "on_unpublish", "on_close"};
  const std::vector<std::string> played{"on_connect", "on_play", "on_stop", "on_close"};
  for (const auto& [client, order] : actions) CHECK((order == published || order == played));
}

TEST_CASE("a hook server may ask the API about whom it is asked, and the refused leave no trace", "[scenario][hooks]") {
  const std::uint16_t api = test::free_port();
  std::string client, stream;
  HookServer hook([&](const HookServer::Call& call) {
    const auto json = nlohmann::json::parse(call.body);
    const std::string id = json["client_id"];
    client = http_answer(api, "/api/v1/clients/" + id);
    stream = http_answer(api, "/api/v1/streams/" + json["stream_id"].get<std::string>());
    return HookServer::ok("1");
  });
  LiveServer server(hooks_of(hook, "", "on_publish"),
                    "workers 2; http_api { enabled on; listen 127.0.0.1:" + std::to_string(api) + "; }");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam1");
  CHECK(refused(publisher, "NetStream.Publish.Denied"));
  CHECK(client.find("\"name\":\"cam1\"") != std::string::npos);
  CHECK(client.find("\"publish\":true") != std::string::npos);
  CHECK(stream.find("\"publish\":{\"active\":false}") != std::string::npos);
  for (const char* list : {"clients", "streams"}) {
    INFO(list);
    std::string answer;
    for (int i = 0; i < 2000 && answer.find("\"total\":0}") == std::string::npos; ++i)
      answer = http_answer(api, std::string("/api/v1/") + list + "/");
    CHECK(answer.find("\"total\":0}") != std::string::npos);
  }
}

TEST_CASE("a hook server that says no is heard", "[scenario][hooks]") {
  HookServer hook([](const HookServer::Call& call) {
    return HookServer::ok(call.body.find("\"stream\":\"good\"") != std::string::npos ? "0" : R"({"code":403})");
  });
  LiveServer server(hooks_of(hook, "", "on_publish on_play on_unpublish on_stop"));
  RtmpPeer bad(server.rtmp_port(), Role::publish, "bad");
  CHECK(refused(bad, "NetStream.Publish.Denied"));
  RtmpPeer player(server.rtmp_port(), Role::play, "bad");
  CHECK(refused(player, "NetStream.Play.Failed"));
  CHECK(http_status(server, "/live/bad.flv") == 403);
  RtmpPeer good(server.rtmp_port(), Role::publish, "good");
  CHECK(good.wait_publishing());
  // Who was not let in is not told of as having left.
  CHECK(hook.count("on_unpublish") == 0);
  CHECK(hook.count("on_stop") == 0);
}

TEST_CASE("answers that are none refuse, as they do in SRS", "[scenario][hooks]") {
  const std::string megabytes(3 << 20, 'x');
  const std::vector<std::pair<std::string, std::string>> answers{
      {"closes", ""},
      {"hangs", HookServer::hang},
      {"garbage", "\x16\x03\x01 no HTTP at all\r\n\r\n"},
      {"500", HookServer::ok("0", "500 Internal Server Error")},
      {"megabytes", HookServer::ok("{\"code\":0,\"x\":\"" + megabytes + "\"}")},
      {"endless head", "HTTP/1.1 200 OK\r\nX: " + megabytes},
      {"redirects", "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 1\r\n\r\n0"},
      {"html", HookServer::ok("<html>fine</html>")},
      {"cut off", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"code\":0}"},
  };
  for (const auto& one : answers) {
    const std::string& what = one.first;
    const std::string& answer = one.second;
    CAPTURE(what);
    HookServer hook([&answer](const HookServer::Call&) { return answer; });
    const std::string events = "on_publish";
    LiveServer server(hooks_of(hook, "timeout 0.5; ", events));
    RtmpPeer peer(server.rtmp_port(), Role::publish, "cam1");
    if (what == "cut off") {
      // Left open by the other side: nothing more comes until the limit.
      CHECK(peer.wait_status("NetStream.Publish.Denied"));
      continue;
    }
    CHECK(refused(peer, "NetStream.Publish.Denied"));
    if (what == "redirects") CHECK(hook.calls().size() == 1);

    LiveServer open(hooks_of(hook, "timeout 0.5; fail_open on; ", events));
    RtmpPeer let_in(open.rtmp_port(), Role::publish, "cam1");
    CHECK(let_in.wait_publishing());
  }
  LiveServer nobody_there("http_hooks { enabled on; on_publish http://127.0.0.1:" + std::to_string(test::free_port()) +
                          "/x; }");
  RtmpPeer peer(nobody_there.rtmp_port(), Role::publish, "cam1");
  CHECK(refused(peer, "NetStream.Publish.Denied"));
}

TEST_CASE("fail_open does not turn a no into a yes", "[scenario][hooks]") {
  HookServer hook([](const HookServer::Call&) { return HookServer::ok(R"({"code":1})"); });
  LiveServer server(hooks_of(hook, "fail_open on; ", "on_publish"));
  RtmpPeer peer(server.rtmp_port(), Role::publish, "cam1");
  CHECK(refused(peer, "NetStream.Publish.Denied"));
}

TEST_CASE("every server is asked, and the first no counts", "[scenario][hooks]") {
  HookServer first, second([](const HookServer::Call&) { return HookServer::ok("1"); }), third;
  LiveServer server("http_hooks { enabled on; on_publish " + first.url() + " " + second.url() + " " + third.url() +
                    "; }");
  RtmpPeer peer(server.rtmp_port(), Role::publish, "cam1");
  CHECK(refused(peer, "NetStream.Publish.Denied"));
  CHECK(first.calls().size() == 1);
  CHECK(second.calls().size() == 1);
  CHECK(third.calls().empty());

  // A reload acts on the next client.
  server.reload("http_hooks { enabled on; on_publish " + first.url() + "; }");
  RtmpPeer again(server.rtmp_port(), Role::publish, "cam1");
  CHECK(again.wait_publishing());
}

TEST_CASE("calls are signed, and connections kept", "[scenario][hooks]") {
  HookServer hook;
  LiveServer server(hooks_of(hook, "secret correct-horse; ", "on_publish on_unpublish"), "workers 1;");
  for (int i = 0; i < 5; ++i) {
    RtmpPeer peer(server.rtmp_port(), Role::publish, "cam" + std::to_string(i));
    REQUIRE(peer.wait_publishing());
  }
  REQUIRE(hook.wait_calls(10));
  int most = 0;
  for (const auto& call : hook.calls()) {
    most = std::max(most, call.connection);
    const std::string time = header(call, "X-Weir-Timestamp");
    const auto mac = base::hmac_sha256(base::as_bytes("correct-horse"),
                                       {base::as_bytes(time), base::as_bytes("."), base::as_bytes(call.body)});
    CHECK(header(call, "X-Weir-Signature") == "sha256=" + base::to_hex(mac));
  }
  CHECK(most <= 2);

  server.reload(hooks_of(hook, "secret_file /nonexistent/key; ", "on_publish"), "workers 1;");
  RtmpPeer peer(server.rtmp_port(), Role::publish, "x");
  CHECK(refused(peer, "NetStream.Publish.Denied"));  // rather than unsigned
  CHECK(hook.calls().size() == 10);
}

TEST_CASE("a hook server that hangs stalls no media, and its queue is bounded", "[scenario][hooks]") {
  std::atomic<bool> hangs{false};
  HookServer hook([&](const HookServer::Call&) -> std::string { return hangs ? HookServer::hang : HookServer::ok(); });
  LiveServer server(hooks_of(hook, "timeout 2; queue 3; "), "workers 1;");
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "witness");
  RtmpPeer player(server.rtmp_port(), Role::play, "witness");
  REQUIRE(publisher.wait_publishing());
  REQUIRE(player.wait_playing());
  publisher.send_headers();
  publisher.send_frame(0, true);
  REQUIRE(player.wait_media(4));
  std::vector<std::unique_ptr<RtmpPeer>> leaving;
  for (int i = 0; i < 30; ++i) {
    leaving.push_back(std::make_unique<RtmpPeer>(server.rtmp_port(), Role::publish, "leaving" + std::to_string(i)));
    REQUIRE(leaving.back()->wait_publishing());
  }
  hangs = true;
  leaving.clear();  // 60 events for a server that says nothing any more
  std::vector<std::unique_ptr<RtmpPeer>> waiting;
  for (int i = 0; i < 10; ++i)
    waiting.push_back(std::make_unique<RtmpPeer>(server.rtmp_port(), Role::publish, "waiting" + std::to_string(i)));
  const auto turn_of_all = [&] {
    for (auto& peer : waiting) peer->run_until([] { return false; }, 20ms);
  };
  for (int i = 0; i < 5; ++i) turn_of_all();  // until they wait for the answer
  auto slowest = 0ms;
  for (std::uint32_t i = 1; i <= 50; ++i) {
    const std::size_t had = player.media.size();
    const auto sent = Clock::now();
    publisher.send_frame(i * 40, false);
    REQUIRE(player.wait_media(had + 2));
    slowest = std::max(slowest, std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - sent));
    if (i % 10 == 0) turn_of_all();  // a handshake has its time limit
  }
  CHECK(slowest < 1500ms);
  for (auto& peer : waiting) {
    const bool denied = refused(*peer, "NetStream.Publish.Denied");
    std::string heard;
    for (const std::string& code : peer->codes) heard += code + " ";
    INFO(heard << (peer->closed ? "closed" : "open"));
    CHECK(denied);
  }
  CHECK(hook.calls().size() < 62 + 10 + 8 + 20);
}

TEST_CASE("what only tells is tried again when configured", "[scenario][hooks]") {
  std::atomic<int> calls{0};
  HookServer hook([&](const HookServer::Call&) {
    return ++calls < 3 ? HookServer::ok("busy", "503 Service Unavailable") : HookServer::ok();
  });
  LiveServer server(hooks_of(hook, "retries 5; ", "on_unpublish"));
  {
    RtmpPeer peer(server.rtmp_port(), Role::publish, "cam1");
    REQUIRE(peer.wait_publishing());
  }
  REQUIRE(hook.wait_calls(3, 5s));
  {  // the next event comes after all that the first has to say
    RtmpPeer peer(server.rtmp_port(), Role::publish, "cam2");
    REQUIRE(peer.wait_publishing());
  }
  REQUIRE(hook.wait_calls(4, 30s));
  CHECK(hook.calls().size() == 4);
  CHECK(hook.calls().back().body.find("cam2") != std::string::npos);
}

}  // namespace weir::test::hooks_test
