#include <filesystem>
#include <nlohmann/json.hpp>

#include "scenario/support/gb_server.h"
#include "scenario/support/hook_server.h"
#include "support/catch.h"

namespace weir::test::gb28181_devices_test {

// Who is told of devices, and what is known of them after a restart.

using nlohmann::json;
using test::GbPeer;
using test::GbServer;
using test::HookServer;

TEST_CASE("hooks are told of devices that come, raise an alarm and go", "[scenario][gb28181][hooks]") {
  HookServer hooks;
  GbServer site("on_demand on;", "",
                "http_hooks { enabled on; on_device_online " + hooks.url() + "; on_device_offline " + hooks.url() +
                    "; on_device_alarm " + hooks.url() + "; }");
  GbPeer camera(site.port, true);
  REQUIRE(site.registers(camera));
  camera.device.say("<?xml version=\"1.0\"?><Notify><CmdType>Alarm</CmdType><SN>7</SN><DeviceID>" +
                    camera.device.channels.front() +
                    "</DeviceID><AlarmPriority>1</AlarmPriority><AlarmMethod>5</AlarmMethod></Notify>");
  REQUIRE(GbServer::until(camera, [&] { return hooks.count("on_device_alarm") == 1; }));
  camera.device.register_now(0);
  REQUIRE(GbServer::until(camera, [&] { return hooks.count("on_device_offline") == 1; }));
  CHECK(hooks.count("on_device_online") == 1);
  for (const auto& call : hooks.calls()) {
    const json body = json::parse(call.body);
    CHECK(body["device"] == camera.device.id);
    CHECK(body["ip"] == "127.0.0.1");
    if (body["action"] == "on_device_alarm") {
      CHECK(body["channel"] == camera.device.channels.front());
      CHECK(body["method"] == "5");
    }
    if (body["action"] == "on_device_offline") CHECK(body["reason"] == "it has signed off");
  }
}

TEST_CASE("a server that starts anew knows its devices, and plays them once they are back", "[scenario][gb28181]") {
  char folder[] = "/tmp/weir-gb-XXXXXX";
  REQUIRE(::mkdtemp(folder));
  const std::string file = std::string(folder) + "/devices.json";
  const std::string stream = "34020000001110000001_34020000001320000001";
  {
    GbServer site("on_demand on;", "devices_file " + file + ";");
    GbPeer camera(site.port, true);
    REQUIRE(site.registers(camera));
    site.server->stop();
  }
  REQUIRE(std::filesystem::exists(file));
  {
    GbServer site("on_demand on;", "devices_file " + file + ";");
    const json row = site.device("34020000001110000001");
    CHECK(row["online"] == false);
    CHECK(row["channels"] == 1);
    CHECK(row["model"] == "M1");
    GbPeer camera(site.port, true);
    REQUIRE(site.registers(camera));
    test::RtmpPeer player(site.server->rtmp_port(), rtmp::Role::play, stream);
    CHECK(GbServer::sees(camera, player));
  }
  std::filesystem::remove_all(folder);
}

}  // namespace weir::test::gb28181_devices_test
