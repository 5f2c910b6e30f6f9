#include "session/gb28181/platform.h"
#include "support/catch.h"
#include "support/gb_cascade.h"

namespace weir::test::watchers_test {

// What a platform above is told by itself, once it has subscribed.
using namespace std::chrono_literals;
using namespace session::gb28181;
using test::Cascade;
using test::channel_id;
using test::GbDevice;
using test::lower_id;

namespace {

const std::string camera = "34020000001320000041";
using Topic = Subscriptions::Topic;

struct Watched {
  explicit Watched(std::vector<Topic> topics = {Topic::catalog, Topic::alarm, Topic::position})
      : cascade([&](Platform::Settings& settings) { settings.subscribe = topics; },
                [&](config::StreamCaster::Upper& upper) {
                  upper.channels.at(0).stream = "live/" + recorder.id + "_" + camera;
                },
                2) {
    recorder.channels = {camera};
    cascade.below.joins(recorder);
    REQUIRE(cascade.registers());
    cascade.advance(1s);
  }
  bool told(const std::string& what) {
    const auto& told = cascade.above.told;
    return std::any_of(told.begin(), told.end(), [&](const std::string& one) { return one.starts_with(what); });
  }

  GbDevice recorder;
  Cascade cascade;
};

}  // namespace

TEST_CASE("alarms and positions of a device are told above, under the channel's id there", "[gb28181]") {
  Watched watched;
  CHECK(watched.cascade.above.platform->device(lower_id)->subscribed == "catalog alarm position");
  CHECK(watched.cascade.row().watched == 3);
  watched.recorder.say("<Notify><CmdType>Alarm</CmdType><SN>1</SN><DeviceID>" + camera +
                       "</DeviceID><AlarmPriority>1</AlarmPriority><AlarmMethod>5</AlarmMethod>"
                       "<AlarmTime>2026-01-02T03:04:05</AlarmTime></Notify>");
  watched.cascade.settle();
  CHECK(watched.told("alarm " + lower_id + " " + channel_id(1) + " 5"));
  watched.recorder.say(
      "<Notify><CmdType>MobilePosition</CmdType><SN>2</SN><DeviceID>" + watched.recorder.id +
      "</DeviceID><Time>2026-01-02T03:04:05</Time><Longitude>116.3</Longitude><Latitude>39.9</Latitude>"
      "</Notify>");
  watched.cascade.settle();
  CHECK(watched.cascade.above.platform->device(lower_id)->device.position.longitude == "116.3");
  CHECK(watched.cascade.row().told == 2);
}

TEST_CASE("who did not subscribe is told nothing", "[gb28181]") {
  Watched watched({});
  watched.recorder.say("<Notify><CmdType>Alarm</CmdType><SN>1</SN><DeviceID>" + camera +
                       "</DeviceID><AlarmMethod>5</AlarmMethod></Notify>");
  watched.cascade.settle();
  CHECK_FALSE(watched.told("alarm"));
  CHECK(watched.cascade.row().told == 0);
}

TEST_CASE("a stream that goes and comes changes its channel above", "[gb28181]") {
  Watched watched;
  const auto online = [&](std::size_t index) {
    return watched.cascade.above.platform->channels(lower_id)->at(index).item.online;
  };
  REQUIRE(online(1));
  watched.cascade.below.absent = "cam2";
  watched.cascade.advance(2s);
  CHECK_FALSE(online(1));
  CHECK(online(0));
  watched.cascade.below.absent.clear();
  watched.cascade.advance(2s);
  CHECK(online(1));
  CHECK(watched.cascade.row().told == 2);
}

TEST_CASE("a subscription ends when its time is over, and with the registration", "[gb28181]") {
  Watched watched;
  auto& platform = *watched.cascade.above.platform;
  SECTION("nobody renews it") {
    watched.cascade.loses = [](const std::string& text) { return text.starts_with("SUBSCRIBE "); };
    watched.cascade.advance(62min);
    CHECK(watched.cascade.row().watched == 0);
  }
  SECTION("it is renewed") {
    watched.cascade.advance(62min);
    CHECK(watched.cascade.row().watched == 3);
  }
  SECTION("the platform is lost") {
    watched.cascade.loses = [](const std::string&) { return true; };
    watched.cascade.advance(10min);
    CHECK(watched.cascade.row().watched == 0);
  }
  CHECK(platform.totals().devices == 1);
}

TEST_CASE("what cannot be subscribed to is refused", "[gb28181]") {
  Watched watched({});
  const auto ask = [&](const std::string& body, const std::string& to_tag = "") {
    sip::Message out{.method = "SUBSCRIBE", .uri = "sip:" + lower_id + "@203.0.113.5:5060"};
    static int number = 0;
    const std::string own = std::to_string(++number);
    out.add("Via", "SIP/2.0/UDP 198.51.100.9:5060;rport;branch=z9hG4bKs" + own);
    out.add("From", "<sip:34020000002000000001@3402000000>;tag=a" + own);
    out.add("To", "<sip:" + lower_id + "@3402000000>" + to_tag).add("Call-ID", "s" + own).add("CSeq", "1 SUBSCRIBE");
    out.add("Contact", "<sip:34020000002000000001@198.51.100.9:5060>").add("Expires", "600");
    out.body = body;
    const sip::Way way{.address = "198.51.100.9", .port = 5060, .local_address = "203.0.113.5", .local_port = 5060};
    watched.cascade.below.platform->input(*sip::parse(sip::to_text(out)), way);
    return sip::parse(watched.cascade.below.sent.back().bytes)->status;
  };
  const auto query = [](const std::string& command) {
    return "<Query><CmdType>" + command + "</CmdType><SN>1</SN><DeviceID>" + lower_id + "</DeviceID></Query>";
  };
  CHECK(ask("nothing") == 400);
  CHECK(ask(query("PTZPosition")) == 489);
  CHECK(ask(query("Catalog"), ";tag=gone") == 481);
  for (std::size_t i = 0; i < Watchers::most; ++i) CHECK(ask(query("Catalog")) == 200);
  CHECK(ask(query("Catalog")) == 503);
}

}  // namespace weir::test::watchers_test
