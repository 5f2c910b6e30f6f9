#include <filesystem>
#include <nlohmann/json.hpp>

#include "scenario/support/hook_server.h"
#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::hooks_files_test {

// Hooks that tell of files: on_hls, on_hls_notify, on_dvr.
using namespace std::chrono_literals;
using rtmp::Role;
using test::HookServer;
using test::LiveServer;
using test::RtmpPeer;

namespace {

using test::soon;

std::string shape(const nlohmann::ordered_json& object) {
  std::string text;
  for (const auto& [name, value] : object.items()) text.append(text.empty() ? "" : " ").append(name);
  return text;
}

}  // namespace

TEST_CASE("segments and recordings are told of with the files that are there", "[scenario][hooks]") {
  const auto folder = std::filesystem::temp_directory_path() / ("weir-hook-files-" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  HookServer hook;
  LiveServer server("hls { enabled on; hls_fragment 1; hls_window 5; hls_path " + folder.string() + "; }" +
                    "dvr { enabled on; dvr_path " + folder.string() + "/rec/[stream].flv; }" +
                    "http_hooks { enabled on; on_hls " + hook.url() + "; on_dvr " + hook.url() + "; on_hls_notify " +
                    hook.url("/notify/[app]/[stream]/[ts_url][param]") + "; }");
  {
    RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam?key=abc");
    REQUIRE(publisher.wait_publishing());
    publisher.send_headers();
    for (std::uint32_t i = 0; i < 110; ++i) publisher.send_frame(i * 40, i % 25 == 0);
    REQUIRE(soon([&] { return hook.count("on_hls") >= 4; }));
  }
  REQUIRE(soon([&] { return hook.count("on_dvr") == 1; }));
  std::uint64_t segments = 0, notified = 0;
  for (const HookServer::Call& call : hook.calls()) {
    if (call.method == "GET") {
      CHECK(call.target == "/notify/live/cam/cam-" + std::to_string(notified++) + ".ts?key=abc");
      continue;
    }
    const auto json = nlohmann::ordered_json::parse(call.body);
    CHECK(json["param"] == "?key=abc");
    CHECK(std::filesystem::exists(json["file"].get<std::string>()));
    if (json["action"] == "on_dvr") {
      CHECK(shape(json) ==
            "server_id service_id action client_id ip vhost app tcUrl stream param cwd file stream_url stream_id");
      CHECK(json["file"] == folder.string() + "/rec/cam.flv");
      continue;
    }
    CHECK(shape(json) ==
          "server_id service_id action client_id ip vhost app tcUrl stream param duration cwd file url m3u8 m3u8_url "
          "seq_no stream_url stream_id");
    CHECK(json["seq_no"] == segments);
    CHECK(json["url"] == "live/cam-" + std::to_string(segments++) + ".ts");
    CHECK(json["m3u8"] == folder.string() + "/live/cam.m3u8");
    CHECK(json["m3u8_url"] == "live/cam.m3u8");
  }
  CHECK(segments >= 4);
  CHECK(notified >= 4);
  std::filesystem::remove_all(folder);
}

}  // namespace weir::test::hooks_files_test
