#include <filesystem>
#include <fstream>

#include "scenario/support/overlay_folder.h"
#include "support/catch.h"
#include "support/sound_files.h"

namespace weir::test::push_test {

// What an operator may do to one place that a stream is sent to, and the sound that it has there.

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

namespace {

// A folder for files with one of sound.
struct Music {
  Music() : path(std::filesystem::temp_directory_path() / ("weir-music-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
    const auto bytes = test::adts_file();
    std::ofstream(path / "music.aac", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  ~Music() { std::filesystem::remove_all(path); }
  std::string root() const {
    return std::string(with_api) + " http_server { enabled on; listen 127.0.0.1:{HTTP}; dir " + path.string() + "; }";
  }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("a push has the sound of a file, over and over, and its own pictures", "[scenario][forward][sound]") {
  const Music music;
  const std::string way = GENERATE(as<std::string>{}, "rtmp", "http", "udp");
  const bool with_sound = GENERATE(true, false);
  INFO(way << " " << with_sound);
  const std::uint16_t udp = test::free_port();
  LiveServer far(
      patient + (way == "udp" ? "source live/there { url udp://127.0.0.1:" + std::to_string(udp) + "; }" : ""),
      with_api);
  const std::string url = way == "rtmp"   ? "rtmp://127.0.0.1:" + std::to_string(far.rtmp_port()) + "/live/there"
                          : way == "http" ? "http://127.0.0.1:" + std::to_string(far.http_port()) + "/live/there.flv"
                                          : "udp://127.0.0.1:" + std::to_string(udp);
  LiveServer near(patient + "push live/cam { url " + url + "; audio music.aac; } ", music.root());
  RtmpPeer camera(near.rtmp_port(), Role::publish, "cam");
  REQUIRE(camera.wait_publishing());
  camera.send_headers();
  RtmpPeer player(far.rtmp_port(), Role::play, "there");
  REQUIRE(player.wait_playing());
  std::uint32_t at = 0;
  const auto send = [&] {
    const auto body = test::bytes(at % 400 == 0 ? "17 01 000000 00000003 651122" : "27 01 000000 00000003 413344");
    camera.client.send(rtmp::MessageType::video, at, body);
    if (with_sound) camera.client.send(rtmp::MessageType::audio, at, test::bytes("af 01 ffffffff"));
    camera.flush();
    at += 40;
  };
  const auto frames = test::sound_of("flv/h264_aac.flv");
  const auto heard = [&] {
    return std::count_if(player.media.begin(), player.media.end(), [](const auto& message) {
      return message.type == rtmp::MessageType::audio && message.payload.data()[1] == 1;
    });
  };
  REQUIRE(soon(
      [&] {
        send();
        player.run_until([] { return false; }, 30ms);  // about as fast as time goes by
        return heard() > static_cast<std::ptrdiff_t>(frames.size()) + 20;
      },
      60s));
  CHECK(test::rows(near, "forwards").at(0)["audio"] == "music.aac");
  CHECK(pictures(player) > 20);
  std::vector<const rtmp::MediaReceived*> sound;
  for (const auto& message : player.media) {
    if (message.type == rtmp::MessageType::audio && message.payload.data()[1] == 1) sound.push_back(&message);
  }
  // The player came to it somewhere: from there on it is the file's, unit by unit, also across its end.
  const auto same = [&](const rtmp::MediaReceived& message, std::size_t unit) {
    const base::Bytes payload = frames[unit % frames.size()]->payload;
    return std::ranges::equal(base::Bytes(message.payload).subspan(2), payload);
  };
  std::size_t first = 0;
  while (first < frames.size() && !(same(*sound[0], first) && same(*sound[1], first + 1))) ++first;
  REQUIRE(first < frames.size());
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < sound.size(); ++i) {
    wrong += !same(*sound[i], first + i);
    if (i == 0) continue;
    const auto step = sound[i]->time_ms - sound[i - 1]->time_ms;
    CHECK(step >= 20);  // 1024 samples at 44.1 or 48 kHz, in milliseconds
    CHECK(step <= 24);
  }
  CHECK(wrong == 0);
}

TEST_CASE("a push waits for the file of its sound, and says so", "[scenario][forward][sound]") {
  const Music music;
  LiveServer far(patient);
  LiveServer near(patient + push_to(far, "there", "audio none.aac; "), music.root());
  Camera camera(near);
  REQUIRE(soon([&] { return row(near, "there").is_object() && row(near, "there")["error"] != ""; }));
  CHECK(row(near, "there")["error"] == "there is no such file (none.aac)");
  CHECK(state(near, "there") == "waiting");
  std::filesystem::copy_file(music.path / "music.aac", music.path / "none.aac");
  CHECK(soon(
      [&] {
        camera.send(1);
        return state(near, "there") == "sending";
      },
      60s));
}

}  // namespace weir::test::push_test
