#include "session/gb28181/upper.h"

#include "hub/error.h"
#include "session/gb28181/platform.h"
#include "support/catch.h"
#include "support/gb_cascade.h"

namespace weir::test::upper_test {

using namespace std::chrono_literals;
using session::gb28181::MediaTransport;
using session::gb28181::Platform;
using session::gb28181::Upper;
using session::gb28181::UpperState;
using test::GbSite;

using test::Cascade;
using test::channel_id;
using test::lower_id;

TEST_CASE("a lower platform registers, keeps alive and shows its streams", "[gb28181]") {
  Cascade cascade({}, [](auto& upper) { upper.expires = 10min; });
  REQUIRE(cascade.registers());
  CHECK(cascade.row().why.empty());
  CHECK(cascade.above.platform->totals().challenges == 1);
  const auto channels = cascade.above.platform->channels(lower_id);
  REQUIRE(channels.has_value());
  REQUIRE(channels->size() == 3);
  CHECK(channels->at(2).item.id == channel_id(3));
  CHECK(channels->at(2).item.name == "cam 3");
  CHECK(channels->at(2).item.online);
  const auto device = cascade.above.platform->device(lower_id)->device;
  CHECK(device.manufacturer == "Weir");
  CHECK(device.speaks_2022());
  cascade.advance(5min);
  CHECK(cascade.above.platform->totals().keepalives >= 4);
  CHECK(cascade.above.platform->totals().online == 1);
  // Again before its time is over.
  cascade.advance(4min);
  CHECK(cascade.row().registrations == 2);
  CHECK(cascade.above.platform->totals().online == 1);
}

TEST_CASE("a wrong password is told, and tried again ever more seldom", "[gb28181]") {
  Cascade cascade({}, [](auto& upper) { upper.password = "wrong"; });
  CHECK_FALSE(cascade.registers());
  CHECK(cascade.row().state == UpperState::waiting);
  CHECK(cascade.row().why == "it answers REGISTER with 403 Forbidden");
  cascade.advance(10min);
  CHECK(cascade.row().failures >= 6);
  CHECK(cascade.row().failures <= 10);
  CHECK(cascade.above.platform->totals().online == 0);
}

TEST_CASE("a platform that cannot be reached, and one that says nothing", "[gb28181]") {
  Cascade cascade;
  cascade.below.reachable = false;
  cascade.advance(1s);
  CHECK(cascade.row().why == "it cannot be connected to");
  CHECK(cascade.row().next_try_seconds > 0);
  cascade.below.reachable = true;
  cascade.loses = [](const std::string&) { return true; };
  cascade.advance(45s);
  CHECK(cascade.row().why == "it does not answer REGISTER");
  cascade.loses = nullptr;
  cascade.advance(2min);
  CHECK(cascade.row().state == UpperState::registered);
}

TEST_CASE("a platform that forgot us is registered with anew, and one that falls silent", "[gb28181]") {
  const bool forgets = GENERATE(true, false);
  Cascade cascade([&](Platform::Settings& settings) {
    if (forgets) settings.keepalive = 10s;
  });
  REQUIRE(cascade.registers());
  if (forgets) {
    cascade.advance(15s);
    CHECK(cascade.above.platform->totals().online == 0);
    cascade.advance(45s);
    CHECK(cascade.row().why == "it answers a keepalive with 403");
  } else {
    cascade.loses = [](const std::string& text) { return text.find("Keepalive") != std::string::npos; };
    cascade.advance(4min);
    CHECK(cascade.row().failures >= 1);
    cascade.loses = nullptr;
  }
  cascade.advance(6s);
  CHECK(cascade.row().state == UpperState::registered);
  CHECK(cascade.row().registrations >= 2);
  CHECK(cascade.above.platform->totals().online == 1);
}

TEST_CASE("an INVITE of the platform above becomes a stream on its way", "[gb28181]") {
  const auto transport = GENERATE(MediaTransport::tcp_passive, MediaTransport::tcp_active, MediaTransport::udp);
  Cascade cascade([&](Platform::Settings& settings) { settings.calls.transport = transport; });
  REQUIRE(cascade.registers());
  const auto key = cascade.want(2);
  REQUIRE(cascade.below.sender.places.size() == 1);
  const auto& order = cascade.sending().order;
  CHECK(order.request.stream == "cam2");
  CHECK(order.address == "198.51.100.9");
  CHECK(order.port == 30000);
  CHECK(order.ssrc == cascade.above.place(0).order.ssrc);
  CHECK(order.transport == (transport == MediaTransport::tcp_passive  ? MediaTransport::tcp_active
                            : transport == MediaTransport::tcp_active ? MediaTransport::tcp_passive
                                                                      : MediaTransport::udp));
  CHECK_FALSE(cascade.sending().begun);
  CHECK(cascade.row().calls.at(0).state == "asked");
  cascade.ready();
  CHECK(cascade.sending().begun);
  REQUIRE(cascade.above.place(0).answers.size() == 1);
  CHECK(cascade.above.place(0).answers[0].address == "203.0.113.5");
  CHECK(cascade.above.place(0).answers[0].ssrc == order.ssrc);
  CHECK(cascade.row().calls.at(0).state == "sending");
  // Nobody watches any longer.
  cascade.above.platform->unwant(key);
  cascade.settle();
  CHECK(cascade.sending().closed);
  CHECK(cascade.row().calls.empty());
}

TEST_CASE("a stream that ends is told above by BYE, and one that is not there by 480", "[gb28181]") {
  Cascade cascade;
  REQUIRE(cascade.registers());
  cascade.want();
  cascade.ready();
  cascade.above.place(0).listener.on_media();
  cascade.sending().listener.on_end(hub::Errc::unpublished);
  cascade.settle();
  CHECK(cascade.sending().closed);
  CHECK(cascade.row().calls.empty());
  CHECK(cascade.above.platform->calls().front().why == "the device ended the call");

  Cascade other;
  REQUIRE(other.registers());
  other.want();
  other.sending().listener.on_end(hub::Errc::nobody_published);
  other.settle();
  CHECK(other.row().refused == 1);
  REQUIRE_FALSE(other.above.failures.empty());
  CHECK(other.above.failures.front().second == session::gb28181::SignalErrc::not_found);
}

TEST_CASE("a call that is given up before it is answered is cancelled", "[gb28181]") {
  Cascade cascade;
  REQUIRE(cascade.registers());
  const auto key = cascade.want();
  cascade.above.platform->unwant(key);
  cascade.settle();
  CHECK(cascade.sending().closed);
  CHECK(cascade.row().calls.empty());
  CHECK(cascade.row().refused == 1);  // 487
}

TEST_CASE("an answer that is lost is said again until it is acknowledged, and not for ever", "[gb28181]") {
  Cascade cascade;
  REQUIRE(cascade.registers());
  cascade.want();
  int answers = 0;
  cascade.loses = [&](const std::string& text) {
    return text.find("a=sendonly") != std::string::npos && ++answers < 3;
  };
  cascade.ready();
  CHECK_FALSE(cascade.sending().begun);
  cascade.advance(5s);
  CHECK(cascade.sending().begun);

  cascade.loses = [](const std::string& text) { return text.starts_with("ACK"); };
  cascade.want(2);
  cascade.ready(1);
  cascade.advance(10s);
  CHECK_FALSE(cascade.sending(1).closed);
  cascade.advance(30s);
  CHECK(cascade.sending(1).closed);
}

TEST_CASE("what is not shown, and what is not built, is refused", "[gb28181]") {
  Cascade cascade;
  REQUIRE(cascade.registers());
  const auto invite = [&](const std::string& channel, const std::string& sdp) {
    const sip::Way way{.address = "198.51.100.9", .port = 5060, .local_address = "203.0.113.5", .local_port = 5060};
    static int number = 0;
    const std::string id = std::to_string(++number);
    const auto message =
        sip::parse("INVITE sip:" + channel + "@x SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.9;branch=z9hG4bKa" + id +
                   "\r\nFrom: <sip:34020000002000000001@3402000000>;tag=a\r\nTo: <sip:" + channel +
                   "@x>\r\nCall-ID: t" + id + "\r\nCSeq: 1 INVITE\r\n\r\n" + sdp);
    cascade.below.sent.clear();
    cascade.below.platform->input(*message, way);
    return sip::parse(cascade.below.sent.back().bytes)->status;
  };
  const std::string play = "v=0\r\ns=Play\r\nc=IN IP4 198.51.100.9\r\nm=video 30000 RTP/AVP 96\r\ny=0200000001\r\n";
  CHECK(invite("34020000001320000099", play) == 404);
  CHECK(invite(channel_id(1), "v=0\r\ns=Playback\r\nc=IN IP4 198.51.100.9\r\nm=video 30000 RTP/AVP 96\r\n") == 488);
  CHECK(invite(channel_id(1), "") == 488);
  CHECK(invite(channel_id(1), "v=0\r\ns=Play\r\nc=IN IP4 nowhere\r\nm=video 30000 RTP/AVP 96\r\n") == 488);
  CHECK(invite(channel_id(1), play) == 100);
  CHECK(cascade.below.sender.places.size() == 1);
}

TEST_CASE("by TCP a connection that closes is made anew", "[gb28181]") {
  Cascade cascade({}, [](auto& upper) { upper.transport = config::StreamCaster::Upper::Transport::tcp; });
  REQUIRE(cascade.registers());
  CHECK(cascade.above.platform->device(lower_id)->device.source.reliable());
  cascade.below.platform->connection_lost(1001);
  CHECK(cascade.row().why == "its connection is closed");
  cascade.advance(10s);
  CHECK(cascade.row().state == UpperState::registered);
  CHECK(cascade.below.reaches == 2);
}

TEST_CASE("a long catalogue goes a few pieces at a time", "[gb28181]") {
  Cascade cascade({}, [](auto& upper) {
    for (int i = 0; i < 500; ++i) {
      upper.channels.push_back({std::to_string(34'020'000'001'321'000 + i) + "000", "live/s" + std::to_string(i), ""});
    }
  });
  std::size_t under_way = 0;
  cascade.loses = [&](const std::string& text) {
    std::size_t pieces = text.find("<DeviceList") != std::string::npos ? 1 : 0;
    for (const auto& letter : cascade.wire) pieces += letter.bytes.find("<DeviceList") != std::string::npos ? 1 : 0;
    under_way = std::max(under_way, pieces);
    return false;
  };
  REQUIRE(cascade.registers());
  CHECK(under_way == Upper::most_in_flight);
  CHECK(cascade.above.platform->device(lower_id)->channel_count == 503);
}

TEST_CASE("a server that stops signs off and ends its calls", "[gb28181]") {
  Cascade cascade;
  REQUIRE(cascade.registers());
  cascade.want();
  cascade.ready();
  cascade.below.platform->stop();
  cascade.settle();
  CHECK(cascade.sending().closed);
  CHECK(cascade.above.told.back() == "offline " + lower_id + ": it has signed off");
  cascade.advance(5min);
  CHECK(cascade.above.platform->totals().online == 0);
}

}  // namespace weir::test::upper_test
