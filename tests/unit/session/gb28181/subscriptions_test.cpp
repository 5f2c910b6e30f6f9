#include "session/gb28181/platform.h"
#include "support/catch.h"
#include "support/gb_site.h"

namespace weir::test::subscriptions_test {

using namespace std::chrono_literals;
using session::gb28181::Platform;
using session::gb28181::Subscriptions;
using test::GbDevice;
using test::GbSite;

namespace {

const auto all_topics = [](Platform::Settings& settings) {
  using Topic = Subscriptions::Topic;
  settings.subscribe = {Topic::catalog, Topic::alarm, Topic::position};
  settings.keepalive = 1h;
};

std::string catalogue_notice(const GbDevice& device, const std::string& items) {
  return "<?xml version=\"1.0\"?><Notify><CmdType>Catalog</CmdType><SN>9</SN><DeviceID>" + device.id +
         "</DeviceID><SumNum>1</SumNum><DeviceList Num=\"1\">" + items + "</DeviceList></Notify>";
}

std::string item(const std::string& id, const std::string& event, const std::string& more = "") {
  return "<Item><DeviceID>" + id + "</DeviceID><Event>" + event + "</Event>" + more + "</Item>";
}

}  // namespace

TEST_CASE("a device is asked to tell of itself when it registers, and again before that ends", "[gb28181]") {
  GbSite site(all_topics);
  GbDevice device;
  site.joins(device);
  REQUIRE(device.subscribes.size() == 3);
  CHECK(device.subscribes[0].header("Event") == "Catalog");
  CHECK(device.subscribes[1].header("Event") == "presence");
  CHECK(device.subscribes[1].body.find("<StartAlarmPriority>0<") != std::string::npos);
  CHECK(device.subscribes[2].body.find("<Interval>5<") != std::string::npos);
  CHECK(device.subscribes[0].header("Expires") == "3600");
  CHECK(site.platform->device(device.id)->subscribed == "catalog alarm position");
  site.advance(479s);
  CHECK(device.subscribes.size() == 3);
  site.advance(2s);  // four fifths of the ten minutes that it granted
  REQUIRE(device.subscribes.size() == 6);
  CHECK(device.subscribes[3].call_id == device.subscribes[0].call_id);
  CHECK(device.subscribes[3].cseq > device.subscribes[0].cseq);
  CHECK(device.subscribes[3].to.tag == "dev");
}

TEST_CASE("nothing is subscribed to where that is not asked for", "[gb28181]") {
  GbSite site;
  GbDevice device;
  site.joins(device);
  CHECK(device.subscribes.empty());
}

TEST_CASE("a topic that a device does not know is left until it registers anew", "[gb28181]") {
  GbSite site(all_topics);
  GbDevice device;
  device.subscribe_status = 489;
  site.joins(device);
  CHECK(device.subscribes.size() == 3);
  CHECK(site.platform->device(device.id)->subscribed.empty());
  site.advance(30min);
  CHECK(device.subscribes.size() == 3);
  device.subscribe_status = 200;
  site.registers(device);
  CHECK(device.subscribes.size() == 6);
}

TEST_CASE("a device that forgot what it was asked for is asked anew", "[gb28181]") {
  GbSite site(all_topics);
  GbDevice device;
  site.joins(device);
  device.subscribe_status = 481;
  site.advance(481s);
  // In the old dialogue, refused, and in a new one, which is refused, too.
  CHECK(device.subscribes.size() == 9);
  CHECK(device.subscribes[8].to.tag.empty());
}

TEST_CASE("what comes by NOTIFY is taken as by MESSAGE", "[gb28181]") {
  GbSite site(all_topics);
  GbDevice device;
  site.joins(device);
  const std::string camera = device.channels.front();
  const auto channel = [&] { return site.platform->channels(device.id)->front().item; };
  CHECK(channel().online);
  device.notify(0, catalogue_notice(device, item(camera, "OFF")));
  site.settle();
  CHECK(device.last_status() == 200);
  CHECK_FALSE(channel().online);
  CHECK(channel().name == "c0");
  device.notify(0, catalogue_notice(device, item(camera, "ON")));
  device.notify(0, catalogue_notice(device, item("34020000001320000009", "ADD", "<Name>new</Name>")));
  site.settle();
  CHECK(channel().online);
  CHECK(site.platform->totals().channels == 2);
  device.notify(0, catalogue_notice(device, item("34020000001320000009", "DEL")));
  device.notify(0, catalogue_notice(device, item("34020000001320000009", "DEL")));
  site.settle();
  CHECK(site.platform->totals().channels == 1);
  device.notify(2, "<?xml version=\"1.0\"?><Notify><CmdType>MobilePosition</CmdType><SN>3</SN><DeviceID>" + device.id +
                       "</DeviceID><Longitude>121.5</Longitude><Latitude>31.2</Latitude></Notify>");
  site.settle();
  CHECK(site.platform->device(device.id)->device.position.longitude == "121.5");
  CHECK(site.told.back() == "position " + device.id);
}

TEST_CASE("a subscription that the device ends is begun anew after a while", "[gb28181]") {
  GbSite site(all_topics);
  GbDevice device;
  site.joins(device);
  device.notify(1, catalogue_notice(device, ""), "terminated;reason=deactivated");
  site.settle();
  CHECK(site.platform->device(device.id)->subscribed == "catalog position");
  site.advance(Subscriptions::shortest + 1s);
  REQUIRE(device.subscribes.size() == 4);
  CHECK(device.subscribes[3].call_id != device.subscribes[1].call_id);
  CHECK(site.platform->device(device.id)->subscribed == "catalog alarm position");
}

TEST_CASE("who is gone is asked for nothing", "[gb28181]") {
  GbSite site(all_topics);
  GbDevice device;
  site.joins(device);
  site.registers(device, 0);
  site.advance(30min);
  CHECK(device.subscribes.size() == 3);
}

}  // namespace weir::test::subscriptions_test
