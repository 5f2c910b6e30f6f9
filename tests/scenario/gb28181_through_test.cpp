#include <nlohmann/json.hpp>

#include "scenario/support/gb_server.h"
#include "support/catch.h"

namespace weir::test::gb28181_through_test {

// A camera below a server that shows it to another one above: what is asked up there reaches the camera.

using nlohmann::json;
using rtmp::Role;
using test::GbPeer;
using test::GbServer;
using test::RtmpPeer;

namespace {

const std::string lower_id = "34020000002000000002", shown = "34020000001320000077";

struct Through {
  Through()
      : below("on_demand on;", "id " + lower_id + "; upper city { server localhost:" + std::to_string(above.port) +
                                   "; server_id 34020000002000000001; password 12345678; channel " + shown +
                                   " { stream live/34020000001110000001_34020000001320000001; name gate; } }"),
        camera(below.port, false) {
    REQUIRE(below.registers(camera));
    REQUIRE(GbServer::until(camera, [&] { return above.device(lower_id).value("catalog", "") == "complete"; }));
  }
  json post(const std::string& what) { return above.ask("/gb/v1/devices/" + lower_id + "/" + what, "POST"); }

  GbServer above{"on_demand on;", "password 12345678; subscribe alarm;"};
  GbServer below;
  GbPeer camera;
};

}  // namespace

TEST_CASE("a camera is moved from above, and its alarms are heard there", "[scenario][gb28181]") {
  Through through;
  CHECK(through.post("ptz?channel=" + shown + "&tilt=up&speed=100")["code"] == 0);
  auto& commands = through.camera.device.commands;
  REQUIRE(GbServer::until(through.camera, [&] {
    return !commands.empty() && commands.back().root.text_of("PTZCmd") == "A50F010800640021";
  }));
  CHECK(commands.back().device == "34020000001320000001");
  REQUIRE(GbServer::until(through.camera,
                          [&] { return through.above.device(lower_id).value("subscribed", "") == "alarm"; }));
  through.camera.device.say(
      "<Notify><CmdType>Alarm</CmdType><SN>1</SN><DeviceID>34020000001320000001</DeviceID>"
      "<AlarmPriority>1</AlarmPriority><AlarmMethod>5</AlarmMethod></Notify>");
  REQUIRE(GbServer::until(through.camera, [&] { return through.above.device(lower_id).value("alarms", 0) == 1; }));
}

TEST_CASE("a recording of a camera is played by a player above", "[scenario][gb28181]") {
  Through through;
  const json begun = through.post("invite?channel=" + shown + "&type=playback&start=1767322800&end=1767326400");
  REQUIRE(begun["code"] == 0);
  {
    RtmpPeer player(through.above.server->rtmp_port(), Role::play, begun["stream"].get<std::string>());
    REQUIRE(GbServer::sees(through.camera, player));
  }
  CHECK(through.camera.device.calls.at(0).session == "Playback");
  CHECK(through.camera.device.calls.at(0).start == 1'767'322'800);
  const std::string stream = "app=live&stream=" + begun["stream"].get<std::string>();
  CHECK(through.post("control?" + stream + "&do=pause")["code"] == 0);
  REQUIRE(GbServer::until(through.camera, [&] { return !through.camera.device.infos.empty(); }));
  CHECK(through.camera.device.infos[0].starts_with("PAUSE "));
  CHECK(through.post("bye?" + stream)["code"] == 0);
  REQUIRE(GbServer::until(through.camera, [&] { return through.camera.device.calls.at(0).ended; }));
}

}  // namespace weir::test::gb28181_through_test
