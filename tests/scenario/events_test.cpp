#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "support/catch.h"

namespace weir::test::events_test {

using namespace std::chrono_literals;
using rtmp::Role;
using test::LiveServer;
using test::RtmpPeer;
using test::Socket;

namespace {

std::string with_api(std::uint16_t port, const std::string& more = "") {
  return "workers 2; trusted_proxies 127.0.0.1; http_api { enabled on; listen 127.0.0.1:" + std::to_string(port) +
         "; " + more + " }";
}

// A server with its API on a port of its own.
struct Api {
  explicit Api(const std::string& more = "") : root(with_api(port, more)), server("", root) {}
  std::uint16_t port = test::free_port();
  std::string root;
  LiveServer server;

  std::string ask(const std::string& target, const std::string& headers = "") const {
    Socket socket(port);
    socket.send("GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers + "\r\n");
    std::string answer;
    base::Buffer room(64 * 1024);
    for (int count = 0; (count = socket.receive({room.data(), room.size()}, 3s)) > 0;) {
      answer.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
    }
    return answer;
  }
};

// Somebody who listens; HTTP/1.0, so that no chunks stand between.
struct Ear {
  explicit Ear(std::uint16_t port, const std::string& headers = "", const std::string& query = "") : socket(port) {
    socket.send("GET /api/v1/events" + query + " HTTP/1.0\r\n" + headers + "\r\n");
  }
  bool hears(std::string_view part, std::chrono::milliseconds limit = 20s) {
    const auto until = std::chrono::steady_clock::now() + limit;
    base::Buffer room(64 * 1024);
    while (text.find(part) == std::string::npos && !closed && std::chrono::steady_clock::now() < until) {
      const int count = socket.receive({room.data(), room.size()}, 50ms);
      closed = count == 0;
      if (count > 0) text.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
    }
    return text.find(part) != std::string::npos;
  }
  // The id of the last event so far.
  std::string last_id() const {
    const auto at = text.rfind("id: ");
    return at == std::string::npos ? "" : text.substr(at + 4, text.find('\n', at) - at - 4);
  }
  Socket socket;
  std::string text;
  bool closed = false;
};

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("events tell of publishers, players and the second's figures", "[scenario]") {
  Api api;
  Ear ear(api.port), other(api.port);
  REQUIRE(ear.hears("event: hello"));
  CHECK(contains(ear.text, "Content-Type: text/event-stream\r\n"));
  REQUIRE(other.hears("event: hello"));
  {
    RtmpPeer publisher(api.server.rtmp_port(), Role::publish, "a\"b<script>");
    REQUIRE(publisher.wait_publishing());
    REQUIRE(ear.hears("event: publish\ndata: {"));
    CHECK(contains(ear.text, R"("app":"live","stream":"a\"b<script>","url":"/live/a\"b<script>")"));
    RtmpPeer player(api.server.rtmp_port(), Role::play, "a\"b<script>");
    REQUIRE(player.wait_playing());
    REQUIRE(ear.hears("event: play\n"));
    REQUIRE(ear.hears(R"("streams":1,"publishers":1,"players":1)"));
  }
  REQUIRE(ear.hears("event: unpublish\n"));
  REQUIRE(ear.hears("event: stop\n"));
  REQUIRE(other.hears("event: unpublish\n"));
  api.server.server().tell_reload(1023, "line 3");
  REQUIRE(ear.hears(R"("error":1023,"message":"line 3")"));
  CHECK(contains(api.ask("/metrics"), "weir_event_listeners 2\n"));
}

TEST_CASE("who comes back hears what it missed", "[scenario]") {
  Api api;
  std::string last;
  {
    Ear ear(api.port);
    REQUIRE(ear.hears("event: hello"));
    RtmpPeer publisher(api.server.rtmp_port(), Role::publish, "first");
    REQUIRE(publisher.wait_publishing());
    REQUIRE(ear.hears("event: publish\n"));
    last = ear.last_id();
  }
  RtmpPeer publisher(api.server.rtmp_port(), Role::publish, "second");
  REQUIRE(publisher.wait_publishing());
  Ear again(api.port, "Last-Event-ID: " + last + "\r\n");
  REQUIRE(again.hears("\"stream\":\"second\""));
  CHECK_FALSE(contains(again.text, "id: " + last + "\n"));
  CHECK_FALSE(contains(again.text, "event: lost"));
  Ear stranger(api.port, "Last-Event-ID: of-another-process-7\r\n");
  REQUIRE(stranger.hears("event: lost\ndata: {\"events\":-1}"));
}

TEST_CASE("who comes anew hears of the time before, if it wants to", "[scenario]") {
  Api api;
  {
    RtmpPeer publisher(api.server.rtmp_port(), Role::publish, "early");
    REQUIRE(publisher.wait_publishing());
  }
  Ear curious(api.port, "", "?history=1");
  REQUIRE(curious.hears("event: unpublish"));  // nobody listened when it was told, or hardly anybody
  Ear plain(api.port);                         // for whom it is over
  CHECK(contains(curious.text, "event: history\ndata: {\"stats\":["));
  CHECK(curious.text.find("event: hello") < curious.text.find("event: history"));
  CHECK(curious.text.find("event: history") < curious.text.find("event: publish"));
  REQUIRE(plain.hears("event: stats"));
  CHECK_FALSE(contains(plain.text, "early"));
  CHECK_FALSE(contains(plain.text, "event: history"));
  REQUIRE(curious.hears("event: stats"));
  Ear later(api.port, "", "?history=1");
  REQUIRE(later.hears("\"recv_kbps\""));
  CHECK(contains(later.text, "event: history\ndata: {\"stats\":[{\"time_ms\""));
}

TEST_CASE("an operator always finds a place among listeners of another address", "[scenario]") {
  Api api("allow all; events { max_listeners 3; max_listeners_per_address 3; }");
  const std::string flood = "X-Forwarded-For: 203.0.113.1\r\n", console = "X-Forwarded-For: 198.51.100.2\r\n";
  Ear first(api.port, flood);
  REQUIRE(first.hears("event: hello"));
  Ear second(api.port, flood), third(api.port, flood);
  REQUIRE(second.hears("event: hello"));
  REQUIRE(third.hears("event: hello"));
  Ear fourth(api.port, flood);
  REQUIRE(fourth.hears(" 503 "));
  Ear operators(api.port, console);
  REQUIRE(operators.hears("event: hello"));
  CHECK_FALSE(first.hears("never said"));  // until its end
  CHECK(first.closed);
  Ear fifth(api.port, flood);
  CHECK(fifth.hears(" 503 "));
  CHECK(contains(api.ask("/metrics"), "weir_event_listeners_displaced_total 1\n"));
}

TEST_CASE("events ask for the API's credentials and count their listeners", "[scenario]") {
  Api api("auth { enabled on; username u; password p; } events { max_listeners 1; }");
  Ear stranger(api.port);
  REQUIRE(stranger.hears(" 401 "));
  const std::string credentials = "Authorization: Basic dTpw\r\n";
  {
    Ear ear(api.port, credentials);
    REQUIRE(ear.hears("event: hello"));
    Ear second(api.port, credentials);
    REQUIRE(second.hears(" 503 "));
    CHECK(second.hears("Retry-After: 5"));
  }
  // The place is free again.
  bool heard = false;
  for (int i = 0; i < 50 && !heard; ++i) {
    Ear next(api.port, credentials);
    heard = next.hears("event: hello", 200ms);
  }
  CHECK(heard);
  REQUIRE(contains(api.ask("/metrics"), "weir_event_listeners_refused_total"));
  Socket post(api.port);
  post.send("POST /api/v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n" + credentials + "\r\n");
  base::Buffer room(4096);
  const int count = post.receive({room.data(), room.size()}, 3s);
  REQUIRE(count > 12);
  CHECK(base::as_text(base::Bytes(room.bytes()).subspan(9, 3)) == "405");
}

TEST_CASE("events can be switched off by a reload", "[scenario]") {
  Api api;
  CHECK(contains(api.ask("/api/v1/config"), R"("path":"http_api.enabled","value":"on")"));
  api.server.reload("", with_api(api.port, "events { enabled off; } auth { username u; password not-to-be-seen; }"));
  CHECK(contains(api.ask("/api/v1/events"), " 501 "));
  const std::string config = api.ask("/api/v1/config");
  CHECK(contains(config, R"#("path":"http_api.auth.password","value":"(hidden)")#"));
  CHECK_FALSE(contains(config, "not-to-be-seen"));
}

TEST_CASE("a listener that does not read is cut off, and the others hear on", "[scenario]") {
  Api api;
  Ear lazy(api.port), ear(api.port);
  lazy.socket.set_receive_buffer(2048);
  REQUIRE(ear.hears("event: hello"));
  const std::string long_message(8000, 'x');
  bool cut = false;
  for (int i = 0; i < 4000 && !cut; ++i) {
    api.server.server().tell_reload(i, long_message);
    if (i % 20 != 19) continue;
    REQUIRE(ear.hears("\"error\":" + std::to_string(i) + ","));
    ear.text.clear();
    cut = i % 200 == 199 && contains(api.ask("/metrics"), "weir_event_listeners_slow_total 1\n");
  }
  CHECK(cut);
  CHECK(contains(api.ask("/metrics"), "weir_event_listeners 1\n"));
}

TEST_CASE("a server that waits for its connections to end lets listeners go", "[scenario]") {
  Api api;
  Ear ear(api.port);
  REQUIRE(ear.hears("event: hello"));
  api.server.server().close_listeners();
  CHECK_FALSE(ear.hears("never", 2s));
  CHECK(ear.closed);
  CHECK(api.server.server().wait_until_idle([] { return true; }));
}

TEST_CASE("a server that stops says good-bye to its listeners", "[scenario]") {
  Api api;
  Socket socket(api.port);
  socket.send("GET /api/v1/events HTTP/1.1\r\nHost: a\r\n\r\n");
  base::Buffer room(64 * 1024);
  REQUIRE(socket.receive({room.data(), room.size()}, 3s) > 0);
  api.server.stop();
  std::string text;
  for (int count = 0; (count = socket.receive({room.data(), room.size()}, 1s)) > 0;) {
    text.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  }
  CHECK(text.ends_with("0\r\n\r\n"));
}

TEST_CASE("the console: on the API's port, with a policy, and led to from the other", "[scenario]") {
  char name[] = "/tmp/weir-console-XXXXXX";
  const std::filesystem::path folder = ::mkdtemp(name);
  std::filesystem::create_directory(folder / "dist");
  std::ofstream(folder / "dist" / "index.html") << "<!doctype html>hello";
  std::ofstream(folder / "secret.html") << "secret";
  Api api("console { dir " + (folder / "dist").string() + "; }");
  const std::string page = api.ask("/console/");
  CHECK(contains(page, " 200 "));
  CHECK(page.ends_with("hello"));
  CHECK(contains(page, "Content-Security-Policy: default-src 'none'; script-src 'self';"));
  CHECK(contains(page, "X-Content-Type-Options: nosniff\r\n"));
  CHECK(contains(api.ask("/console"), "Location: /console/\r\n"));
  for (const char* path :
       {"../secret.html", "..%2fsecret.html", "%2e%2e/secret.html", "..%5csecret.html", "x/../../secret.html"}) {
    INFO(path);
    CHECK_FALSE(contains(api.ask(std::string("/console/") + path), "secret\n"));
    CHECK_FALSE(contains(api.ask(std::string("/console/") + path), " 200 "));
  }
  Socket socket(api.server.http_port());
  socket.send("GET /console/ HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n");
  base::Buffer room(4096);
  const int count = socket.receive({room.data(), room.size()}, 3s);
  REQUIRE(count > 0);
  const std::string answer(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  CHECK(contains(answer, "Location: http://[::1]:" + std::to_string(api.port) + "/console/\r\n"));
  api.server.reload("", with_api(api.port, "console { enabled off; }"));
  CHECK(contains(api.ask("/console/"), " 404 "));
  std::filesystem::remove_all(folder);
}

}  // namespace weir::test::events_test
