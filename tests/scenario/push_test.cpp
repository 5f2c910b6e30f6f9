#include "scenario/support/overlay_folder.h"
#include "support/catch.h"

namespace weir::test::push_test {

// What an operator may do to one place that a stream is sent to.

using namespace std::chrono_literals;
using nlohmann::json;
using rtmp::Role;
using test::Camera;
using test::LiveServer;
using test::pictures;
using test::RtmpPeer;
using test::soon;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";
const std::string patient = "min_latency on; publish { grace 0; normal_timeout 60000; } ";

std::string push_to(const LiveServer& far, const std::string& app, const std::string& more = "") {
  return "push live/cam { url rtmp://127.0.0.1:" + std::to_string(far.rtmp_port()) + "/" + app + "; " + more + "} ";
}

// Of the row whose target is in that application; null while there is none.
json row(const LiveServer& server, const std::string& app) {
  for (const json& one : test::rows(server, "forwards")) {
    if (one["target"].get<std::string>().ends_with("/" + app + "/cam")) return one;
  }
  return {};
}
std::string state(const LiveServer& server, const std::string& app) {
  const json one = row(server, app);
  return one.is_object() ? one["state"].get<std::string>() : "none";
}
bool is_published(const LiveServer& server, const std::string& app) {
  for (const json& one : test::rows(server, "streams")) {
    if (one["app"] == app) return one["publish"]["active"];
  }
  return false;
}
int command(const LiveServer& server, const std::string& what) {
  const auto answer = ask_api(server, "POST", "forwards/" + what);
  return answer.body.is_object() ? answer.body["code"].get<int>() : -1;
}

}  // namespace

TEST_CASE("one target of a stream is stopped and started, and the others go on", "[scenario][forward]") {
  LiveServer far(patient, with_api);
  LiveServer near(patient + push_to(far, "one") + push_to(far, "two"), with_api);
  const std::string of_stream = "?app=live&stream=cam";
  CHECK(command(near, "stop" + of_stream) == 2048);  // it is not there
  {
    Camera camera(near);
    REQUIRE(soon([&] { return state(near, "one") == "sending" && state(near, "two") == "sending"; }));
    const std::string one = "&name=" + row(near, "one")["name"].get<std::string>();
    CHECK(command(near, "stop" + of_stream + "&name=00000000") == 2048);
    CHECK(ask_api(near, "POST", "forwards/pin" + of_stream).status == 404);
    CHECK(ask_api(near, "GET", "forwards/stop" + of_stream).status == 405);
    REQUIRE(command(near, "stop" + of_stream + one) == 0);
    CHECK(command(near, "stop" + of_stream + one) == 0);
    CHECK(state(near, "one") == "stopped");
    CHECK(soon([&] { return !is_published(far, "one"); }));
    CHECK(row(near, "one")["next_try_seconds"] == 0);
    CHECK(is_published(far, "two"));
    const std::string metrics = test::get(near.http_port(), "/metrics").body;
    CHECK(metrics.find("weir_forward_targets{state=\"stopped\"} 1\n") != std::string::npos);
    CHECK(metrics.find("weir_forward_targets{state=\"sending\"} 1\n") != std::string::npos);
  }
  // The stream ends and begins again: what was stopped is not sent.
  REQUIRE(soon([&] { return test::rows(near, "forwards").empty(); }));
  Camera camera(near);
  REQUIRE(soon([&] { return state(near, "two") == "sending"; }));
  CHECK(state(near, "one") == "stopped");
  CHECK(row(near, "one")["attempts"] == 0);
  CHECK_FALSE(is_published(far, "one"));
  REQUIRE(command(near, "start" + of_stream) == 0);  // all of them
  CHECK(soon([&] {
    camera.send(1);
    return state(near, "one") == "sending" && is_published(far, "one");
  }));
  CHECK(state(near, "two") == "sending");
  CHECK(row(near, "two")["attempts"] == 1);
}

TEST_CASE("a target that cannot be reached is stopped between its attempts and in the middle of one",
          "[scenario][forward]") {
  const std::string url = GENERATE(as<std::string>{}, "rtmp://127.0.0.1:1/x", "rtmp://192.0.2.1/x");
  LiveServer near(patient + "push { url " + url + "; }", with_api);
  Camera camera(near);
  REQUIRE(soon([&] { return row(near, "x").is_object(); }));
  for (int i = 0; i < 3; ++i) {
    REQUIRE(command(near, "stop?app=live&stream=cam") == 0);
    CHECK(state(near, "x") == "stopped");
    CHECK(row(near, "x")["next_try_seconds"] == 0);
    REQUIRE(command(near, "start?app=live&stream=cam") == 0);
    CHECK(soon([&] {
      const std::string now = state(near, "x");
      return now == "waiting" || now == "connecting";
    }));
  }
}

TEST_CASE("what would run in a circle does not begin by a command", "[scenario][forward]") {
  LiveServer near(patient + "push live/cam { url rtmp://127.0.0.1:{RTMP}/live; }", with_api);
  Camera camera(near);
  REQUIRE(soon([&] { return state(near, "live") == "given_up"; }));
  REQUIRE(command(near, "stop?app=live&stream=cam") == 0);
  CHECK(state(near, "live") == "stopped");
  REQUIRE(command(near, "start?app=live&stream=cam") == 0);
  CHECK(soon([&] { return state(near, "live") == "given_up"; }));
}

}  // namespace weir::test::push_test
