#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "scenario/support/hls_client.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::recording_test {

// What a bad day does to recordings, and what is told of it.
using namespace std::chrono_literals;
using rtmp::Role;
using test::get;
using test::HookServer;
using test::LiveServer;
using test::RtmpPeer;

namespace {

constexpr const char* with_api = "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

nlohmann::json dvrs(const LiveServer& server) {
  return nlohmann::json::parse(get(server.http_port(), "/api/v1/dvrs/").body);
}

std::uint64_t figure(const LiveServer& server, const std::string& name) {
  const std::string body = get(server.http_port(), "/metrics").body;
  const auto at = body.find("\n" + name + " ");
  return at == std::string::npos ? ~0ULL : std::stoull(body.substr(at + name.size() + 2));
}

bool holds_a_file(const std::filesystem::path& folder) {
  std::error_code failure;
  const std::filesystem::directory_iterator files(folder, failure);
  return !failure && files != std::filesystem::directory_iterator();
}

}  // namespace

TEST_CASE("a recording whose folder is removed goes on in a new one, and API and metrics tell", "[scenario][dvr]") {
  const bool segments = GENERATE(true, false);
  const std::string plan = segments ? "dvr_plan segment; dvr_duration 1;" : "dvr_plan session;";
  const auto folder = test::scratch("removed");
  LiveServer server("dvr { enabled on; dvr_path " + folder.string() + "/rec/[stream].[timestamp].flv; " + plan + " }",
                    with_api);
  RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam");
  REQUIRE(publisher.wait_publishing());
  publisher.send_headers();
  std::uint32_t count = 0;
  // Publishes until that is so; the recording's own time runs ten times as fast as the machine's.
  const auto publish_until = [&](const std::function<bool()>& done) {
    return test::soon([&] {
      for (int j = 0; j < 2; ++j, ++count) publisher.send_frame(count * 40, count % 25 == 0);
      publisher.run_until([] { return true; }, 1ms);
      return done();
    });
  };
  REQUIRE(publish_until([&] { return holds_a_file(folder / "rec"); }));
  std::filesystem::remove_all(folder);
  CHECK(publish_until([&] { return figure(server, "weir_dvr_failures_total") >= 1; }));
  // The next segment may have begun, in a folder that was made anew, before the loss of the one before was seen.
  if (!segments) CHECK(publish_until([&] { return figure(server, "weir_dvr_retries_total") >= 1; }));
  CHECK(publish_until([&] { return holds_a_file(folder / "rec"); }));
  const nlohmann::json row = dvrs(server)["dvrs"].at(0);
  INFO(row.dump());
  CHECK(row["state"] == "recording");
  CHECK(row["error"] == "");
  if (!segments) CHECK(row["retries"] >= 1);
  CHECK_FALSE(publisher.closed);
  server.stop();
  std::filesystem::remove_all(folder);
}

TEST_CASE("a recording that a crash cut off is completed at the next start, and hooks and API are told",
          "[scenario][dvr]") {
  const auto folder = test::scratch("cut-off");
  const std::string setting = "dvr { enabled on; dvr_path " + folder.string() + "/[app]/[stream].[timestamp].flv; }";
  std::filesystem::path whole;
  {
    LiveServer server(setting);
    RtmpPeer publisher(server.rtmp_port(), Role::publish, "cam");
    REQUIRE(publisher.wait_publishing());
    publisher.send_headers();
    test::publish(publisher, 0, 100);
    publisher.run_until([] { return false; }, 100ms);
    server.stop();
    REQUIRE(holds_a_file(folder / "live"));
    whole = std::filesystem::directory_iterator(folder / "live")->path();
  }
  REQUIRE(whole.extension() == ".flv");
  std::filesystem::rename(whole, whole.string() + ".tmp");
  std::filesystem::resize_file(whole.string() + ".tmp", std::filesystem::file_size(whole.string() + ".tmp") - 100);
  HookServer hook;
  LiveServer server(setting + "http_hooks { enabled on; on_dvr " + hook.url() + "; }", with_api);
  test::soon([&] { return hook.count("on_dvr") > 0; });
  REQUIRE(hook.count("on_dvr") == 1);
  const auto told = nlohmann::json::parse(hook.calls().front().body);
  CHECK(told["file"] == whole.string());
  CHECK(told["app"] == "live");
  CHECK(told["stream"] == "cam");
  CHECK(std::filesystem::exists(whole));
  const nlohmann::json listed = dvrs(server);
  INFO(listed.dump());
  CHECK(listed["files"].at(0)["file"] == whole.string());
  CHECK(figure(server, "weir_dvr_completed_total") == 1);
  server.stop();
  std::filesystem::remove_all(folder);
}

}  // namespace weir::test::recording_test
