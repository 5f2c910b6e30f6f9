#include "session/gb28181/platform.h"
#include "support/catch.h"
#include "support/gb_site.h"

namespace weir::test::catalogue_test {

using namespace std::chrono_literals;
using session::gb28181::Device;
using session::gb28181::Platform;
using test::GbDevice;
using test::GbSite;

namespace {

struct Recorder : GbSite {
  Recorder() {
    device.channels.clear();
    for (int i = 1; i <= 5; ++i) device.channels.push_back("3402000000132000000" + std::to_string(i));
    plug(device);
  }
  Device row() const { return platform->device(device.id)->device; }
  std::size_t channel_count() const { return platform->channels(device.id)->size(); }
  GbDevice device;
};

}  // namespace

TEST_CASE_METHOD(Recorder, "a catalogue comes in pieces, out of order and some twice", "[gb28181]") {
  device.piece_order = {2, 0, 0, 2, 1};
  register_all();
  CHECK(row().catalog == Device::Catalog::complete);
  CHECK(row().catalog_got == 5);
  CHECK(channel_count() == 5);
  const auto channels = platform->channels(device.id);
  CHECK(channels->at(0).app == "live");
  CHECK(channels->at(0).stream == "34020000001110000001_" + channels->at(0).item.id);
}

TEST_CASE_METHOD(Recorder, "of a catalogue that lost a piece is kept what came", "[gb28181]") {
  device.piece_order = {0, 2};
  register_all();
  CHECK(row().catalog == Device::Catalog::asked);
  advance(10'100ms);
  CHECK(row().catalog == Device::Catalog::partial);
  CHECK(channel_count() == 3);
  CHECK(platform->device(device.id)->why == "3 of 5 items of its catalogue have come");
  // The next one, whole, mends it.
  device.piece_order.clear();
  CHECK(platform->refresh(device.id).has_value());
  settle();
  CHECK(row().catalog == Device::Catalog::complete);
  CHECK(channel_count() == 5);
}

TEST_CASE_METHOD(Recorder, "a device that does not answer is asked three times", "[gb28181]") {
  device.answers_catalogue = false;
  register_all();
  advance(60s);
  std::size_t asked = 0;
  for (const auto& command : device.commands) asked += command.command == "Catalog" ? 1 : 0;
  CHECK(asked == 3);
  CHECK(row().catalog == Device::Catalog::unknown);
  CHECK(platform->device(device.id)->why == "the device has not answered the question for its catalogue");
}

TEST_CASE_METHOD(Recorder, "a catalogue that nobody asked for wipes nothing", "[gb28181]") {
  register_all();
  device.say(
      "<Response><CmdType>Catalog</CmdType><SN>99999</SN><DeviceID>34020000001110000001</DeviceID><SumNum>1</SumNum>"
      "<DeviceList Num=\"1\"><Item><DeviceID>34020000001320000001</DeviceID><Name>new name</Name></Item></DeviceList>"
      "</Response>");
  settle();
  CHECK(channel_count() == 5);
  CHECK(platform->channels(device.id)->at(0).item.name == "new name");
  device.say(
      "<Notify><CmdType>Catalog</CmdType><SN>3</SN><DeviceID>34020000001110000001</DeviceID><SumNum>1</SumNum>"
      "<DeviceList Num=\"1\"><Item><DeviceID>34020000001320000001</DeviceID><Event>OFF</Event><Status>OFF</Status>"
      "</Item></DeviceList></Notify>");
  settle();
  CHECK(platform->channels(device.id)->at(0).item.name == "new name");
  CHECK_FALSE(platform->channels(device.id)->at(0).item.online);
}

TEST_CASE_METHOD(Recorder, "a body that is no XML is refused and counted, and the device stays", "[gb28181]") {
  register_all();
  device.say("<!DOCTYPE a [<!ENTITY b \"c\">]><Notify>&b;</Notify>");
  settle();
  CHECK(device.last_status() == 400);
  CHECK(platform->totals().bad_messages == 1);
  CHECK(platform->totals().online == 1);
}

TEST_CASE_METHOD(Recorder, "recordings are asked for and come in pieces", "[gb28181]") {
  register_all();
  std::vector<Platform::Records> answers;
  const auto ask = [&](const std::string& channel) {
    return platform->query_records(device.id, channel, "2026-01-02T00:00:00", "2026-01-03T00:00:00",
                                   [&](Platform::Records records) { answers.push_back(std::move(records)); });
  };
  REQUIRE(ask(device.channels[0]).has_value());
  settle();
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].complete);
  CHECK(answers[0].items.size() == 2);
  CHECK(ask("34020000001320000099").error() == session::gb28181::SignalErrc::no_such_channel);
  device.answers_anything = false;
  REQUIRE(ask(device.channels[0]).has_value());
  advance(10'100ms);
  REQUIRE(answers.size() == 2);
  CHECK(answers[1].why == session::gb28181::SignalErrc::no_answer);
}

TEST_CASE_METHOD(Recorder, "alarms are acknowledged and told of, positions kept", "[gb28181]") {
  register_all();
  device.say(
      "<Notify><CmdType>Alarm</CmdType><SN>2</SN><DeviceID>34020000001340000001</DeviceID>"
      "<AlarmPriority>4</AlarmPriority><AlarmMethod>5</AlarmMethod></Notify>");
  device.say(
      "<Notify><CmdType>MobilePosition</CmdType><SN>2</SN><DeviceID>34020000001320000001</DeviceID>"
      "<Longitude>116.4</Longitude><Latitude>39.9</Latitude></Notify>");
  settle();
  CHECK(told.at(1) == "alarm 34020000001110000001 34020000001340000001 5");
  CHECK(told.at(2) == "position 34020000001110000001");
  CHECK(device.commands.back().command == "Alarm");
  CHECK(device.commands.back().root.text_of("Result") == "OK");
  CHECK(row().position.longitude == "116.4");
}

TEST_CASE_METHOD(Recorder, "PTZ goes to the channel", "[gb28181]") {
  register_all();
  REQUIRE(platform->command(device.id, device.channels[1], "PTZCmd", "A50F010800640021").has_value());
  settle();
  CHECK(device.commands.back().command == "DeviceControl");
  CHECK(device.commands.back().device == device.channels[1]);
  CHECK(device.commands.back().root.text_of("PTZCmd") == "A50F010800640021");
  CHECK(platform->command("1", {}, "PTZCmd", "x").error() == session::gb28181::SignalErrc::no_such_device);
}

}  // namespace weir::test::catalogue_test
