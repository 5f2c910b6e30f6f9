#include "session/gb28181/platform.h"
#include "support/catch.h"
#include "support/gb_site.h"

namespace weir::test::register_test {

using namespace std::chrono_literals;
using session::gb28181::Device;
using session::gb28181::Platform;
using test::GbDevice;
using test::GbSite;

namespace {

const auto with_password = [](Platform::Settings& settings) { settings.password = "12345678"; };

}  // namespace

TEST_CASE("without a password a device is let in as in SRS, and sets its clock", "[gb28181]") {
  GbSite site;
  GbDevice device;
  site.joins(device);
  REQUIRE(device.answers.size() >= 1);
  const auto& answer = device.answers.front();
  CHECK(answer.status == 200);
  CHECK(answer.header("Expires") == "3600");
  CHECK(answer.header("Contact") == "<sip:34020000001110000001@192.0.2.7:5060>");
  CHECK(answer.header("X-GB-Ver") == "3.0");
  // 2027-01-15T08:00:00.000, in whatever zone the machine is.
  const std::string date(answer.header("Date"));
  CHECK(date.size() == 23);
  CHECK(date.ends_with(".000"));
  CHECK(date[10] == 'T');
  CHECK(site.told == std::vector<std::string>{"online 34020000001110000001"});
  const auto row = site.platform->device(device.id);
  REQUIRE(row.has_value());
  CHECK(row->device.online);
  CHECK(row->device.model == "M1");
  CHECK(row->why.empty());
}

TEST_CASE("with a password a device answers a challenge", "[gb28181]") {
  GbSite site(with_password);
  GbDevice device;
  device.password = "12345678";
  site.joins(device);
  CHECK(device.answers.at(0).status == 401);
  CHECK(device.answers.at(0).header("X-GB-Ver") == "3.0");
  CHECK(device.answers.at(1).status == 200);
  CHECK(site.platform->totals().online == 1);
  CHECK(site.platform->totals().challenges == 1);
}

TEST_CASE("a wrong password is refused, and none is asked for again", "[gb28181]") {
  GbSite site(with_password);
  GbDevice device;
  device.password = "wrong";
  site.joins(device);
  CHECK(device.last_status() == 403);
  CHECK(site.platform->totals().online == 0);
  CHECK(site.platform->totals().bad_passwords == 1);
}

TEST_CASE("a device with a password of its own is let in by no other", "[gb28181]") {
  GbSite site([](Platform::Settings& settings) {
    settings.password = "12345678";
    settings.devices["34020000001110000001"] = {"34020000001110000001", "own", "gate 1"};
  });
  GbDevice device;
  device.password = "12345678";
  site.joins(device);
  CHECK(device.last_status() == 403);
  device.password = "own";
  site.registers(device);
  REQUIRE(site.platform->totals().online == 1);
  CHECK(site.platform->device(device.id)->device.name == "gate 1");
}

TEST_CASE("only devices that are named, or whose ids are of the standard, where that is asked for", "[gb28181]") {
  GbSite named([](Platform::Settings& settings) { settings.devices_only = true; });
  GbDevice device;
  named.joins(device);
  CHECK(device.last_status() == 403);

  GbSite strict([](Platform::Settings& settings) { settings.strict_id = true; });
  GbDevice odd;
  odd.id = "cam7";
  strict.joins(odd);
  CHECK(odd.last_status() == 403);

  GbSite lenient;
  lenient.joins(odd);
  CHECK(lenient.platform->totals().online == 1);
}

TEST_CASE("words that were heard let nobody in", "[gb28181]") {
  GbSite site(with_password);
  GbDevice device;
  device.password = "12345678";
  site.joins(device);
  device.password.clear();  // whoever repeats them does not know it
  device.replay();
  site.settle();
  CHECK(device.last_status() == 401);
  CHECK(device.answers.back().header("WWW-Authenticate").find("stale=true") != std::string_view::npos);
  CHECK(site.platform->totals().replays == 1);

  // From another address they are good for nothing, even the first time.
  GbDevice thief;
  thief.address = "198.51.100.9";
  site.plug(thief);
  thief.send(device.answers.empty() ? "" : std::string());
  CHECK(site.platform->totals().registrations == 1);
}

TEST_CASE("a device that says its old words again is asked once more and comes in", "[gb28181]") {
  GbSite site(with_password);
  GbDevice device;
  device.password = "12345678";
  device.cached_authorization = true;
  site.joins(device);
  site.registers(device);
  CHECK(device.last_status() == 200);
  CHECK(site.platform->totals().replays == 1);
  CHECK(site.platform->totals().registrations == 2);
}

TEST_CASE("an expiry has bounds, and none at all is a sign-off", "[gb28181]") {
  GbSite site;
  GbDevice device;
  site.plug(device);
  const auto granted = [&](unsigned asked) {
    device.answers.clear();
    site.registers(device, asked);
    return std::string(device.answers.front().header("Expires"));
  };
  CHECK(granted(3600) == "3600");
  CHECK(granted(1) == "60");
  CHECK(granted(999'999) == "86400");
  CHECK(granted(0) == "0");
  CHECK(site.told.back() == "offline 34020000001110000001: it has signed off");
  CHECK(site.platform->totals().online == 0);
}

TEST_CASE("a silent device is gone, one that keeps alive stays as long as it is registered", "[gb28181]") {
  GbSite site;
  GbDevice device;
  site.plug(device);
  site.registers(device, 300);
  for (int i = 0; i < 4; ++i) {
    site.advance(60s);
    site.keeps_alive(device);
    CHECK(device.last_status() == 200);
  }
  CHECK(site.platform->totals().online == 1);
  site.advance(61s);
  CHECK(site.told.back() == "offline 34020000001110000001: its registration expired");
  site.keeps_alive(device);
  CHECK(device.last_status() == 403);  // so it registers anew
  site.registers(device);
  site.advance(179s);
  CHECK(site.platform->totals().online == 1);
  site.advance(2s);
  CHECK(site.told.back() == "offline 34020000001110000001: it has said nothing for too long");
  CHECK(site.platform->totals().lost == 2);
}

TEST_CASE("who never registered is told so", "[gb28181]") {
  GbSite site;
  GbDevice device;
  site.plug(device);
  site.keeps_alive(device);
  CHECK(device.last_status() == 403);
  CHECK(site.platform->totals().unknown_devices == 1);
}

TEST_CASE("a device that moves is learned anew, unless its word alone would do", "[gb28181]") {
  for (const bool guarded : {false, true}) {
    GbSite site([&](Platform::Settings& settings) { settings.password = guarded ? "12345678" : ""; });
    GbDevice device, moved;
    device.password = "12345678";
    site.joins(device);
    moved.address = "192.0.2.99";
    site.plug(moved);
    site.keeps_alive(moved);
    CHECK(moved.last_status() == (guarded ? 403 : 200));
    CHECK(site.platform->device(device.id)->device.source.address == (guarded ? "192.0.2.7" : "192.0.2.99"));
    // Another port of the same address is NAT's doing.
    GbDevice rebound;
    rebound.address = guarded ? "192.0.2.7" : "192.0.2.99";
    rebound.port = 40'000;
    site.plug(rebound);
    site.keeps_alive(rebound);
    CHECK(site.platform->device(device.id)->device.source.port == 40'000);
  }
}

TEST_CASE("a device with a password of its own does not move by its word alone", "[gb28181]") {
  GbSite site([](Platform::Settings& settings) {
    settings.devices["34020000001110000001"] = {"34020000001110000001", "own", ""};
  });
  GbDevice device, moved;
  device.password = moved.password = "own";
  site.joins(device);
  REQUIRE(site.platform->totals().online == 1);
  moved.address = "192.0.2.99";
  site.plug(moved);
  site.keeps_alive(moved);
  CHECK(moved.last_status() == 403);
  CHECK(site.platform->device(device.id)->device.source.address == "192.0.2.7");
  site.registers(moved);
  CHECK(site.platform->device(device.id)->device.source.address == "192.0.2.99");
}

TEST_CASE("where Contact is to be believed, an INVITE goes there as all else does", "[gb28181]") {
  GbSite site([](Platform::Settings& settings) { settings.use_source_address = false; });
  GbDevice device, behind;  // a proxy sends for it, and it listens at another port
  site.plug(device);
  behind.port = 5099;
  site.plug(behind);
  device.contact_port = 5099;
  site.registers(device);
  site.want("34020000001110000001_34020000001320000001");
  bool invited = false;
  for (const auto& one : site.sent) {
    if (one.bytes.starts_with("SIP/2.0")) continue;
    INFO(one.bytes);
    invited = invited || one.bytes.starts_with("INVITE ");
    CHECK(one.way.port == 5099);
  }
  CHECK(invited);
}

TEST_CASE("a storm of registrations from one address is held back and counted", "[gb28181]") {
  GbSite site(with_password);
  std::vector<GbDevice> devices(3000);
  for (std::size_t i = 0; i < devices.size(); ++i) {
    devices[i].id = std::to_string(34'020'000'001'110'000 + i) + "0000";
    devices[i].id.resize(20, '0');
    devices[i].port = static_cast<std::uint16_t>(1000 + i);
    site.plug(devices[i]);
    devices[i].register_now();
  }
  site.settle();
  CHECK(site.platform->totals().limited >= 2500);
  CHECK(site.platform->totals().devices == 0);
  // Another address is heard all the same.
  GbDevice other;
  other.address = "198.51.100.1";
  other.password = "12345678";
  site.joins(other);
  CHECK(other.last_status() == 200);
}

TEST_CASE("a device whose connection closes comes back by another", "[gb28181]") {
  GbSite site;
  GbDevice device;
  site.joins(device, 1);
  site.platform->connection_lost(1);
  CHECK(site.platform->device(device.id)->why == "the connection of the device is closed");
  CHECK(site.platform->command(device.id, {}, "IFameCmd", "Send").error() ==
        session::gb28181::SignalErrc::device_unreachable);
  GbDevice again;
  again.port = 5070;
  site.plug(again, 2);
  site.keeps_alive(again);
  CHECK(again.last_status() == 200);
  CHECK(site.platform->device(device.id)->why.empty());
}

TEST_CASE("what is asked of us and is not ours is refused", "[gb28181]") {
  GbSite site;
  const sip::Way way{.address = "192.0.2.7", .port = 5060, .local_address = "203.0.113.5", .local_port = 5060};
  const auto ask = [&](const std::string& method) {
    const auto message = sip::parse(method +
                                    " sip:34020000002000000001@3402000000 SIP/2.0\r\nVia: SIP/2.0/UDP 1.2.3.4;"
                                    "branch=z9hG4bK" +
                                    method +
                                    "\r\nFrom: <sip:1@2>;tag=x\r\nTo: <sip:3@4>\r\n"
                                    "Call-ID: c" +
                                    method + "\r\nCSeq: 1 " + method + "\r\n\r\n");
    site.sent.clear();
    site.platform->input(*message, way);
    return site.sent.empty() ? 0U : sip::parse(site.sent.back().bytes)->status;
  };
  CHECK(ask("INVITE") == 403);
  CHECK(ask("OPTIONS") == 403);
  CHECK(ask("BYE") == 481);
  CHECK(ask("CANCEL") == 481);
  CHECK(ask("SUBSCRIBE") == 405);
  CHECK(ask("ACK") == 0);
}

TEST_CASE("without a password an address that answers nothing is sent hardly more than came from there", "[gb28181]") {
  GbSite site([](Platform::Settings& settings) {
    settings.on_demand = false;
    settings.subscribe = {session::gb28181::Subscriptions::Topic::catalog};
  });
  GbDevice forged;
  forged.answers_anything = false;
  std::size_t came = 0, went = 0;
  site.loses = [&](const std::string& text) {
    (sip::parse(text)->is_request() && text.starts_with("REGISTER") ? came : went) += text.size();
    return false;
  };
  site.joins(forged);
  site.advance(40s);
  CHECK(came > 0);
  CAPTURE(came, went);
  CHECK(went < 6 * came);
  // One that answers is asked all that it is to be asked.
  forged.answers_anything = true;
  site.registers(forged);
  site.advance(1s);
  CHECK(site.platform->device(forged.id)->device.model == "M1");
  CHECK(site.platform->device(forged.id)->subscribed == "catalog");
}

}  // namespace weir::test::register_test
