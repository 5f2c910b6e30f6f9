#include "session/gb28181/talks.h"

#include "hub/error.h"
#include "session/gb28181/platform.h"
#include "support/catch.h"
#include "support/gb_site.h"

namespace weir::test::talks_test {

// Sound of a stream to the loudspeaker of a device.
using namespace std::chrono_literals;
using namespace session::gb28181;
using test::GbDevice;
using test::GbSite;

namespace {

const std::string camera_channel = "34020000001320000001";

struct Talking : GbSite {
  explicit Talking(std::uint64_t connection = 0, const std::function<void(Platform::Settings&)>& change = {})
      : GbSite([&](Platform::Settings& settings) {
          settings.password = "12345678";
          if (change) change(settings);
        }) {
    device.password = "12345678";
    joins(device, connection);
  }
  base::Result<std::string> begin(TalkWay way = TalkWay::broadcast, const std::string& stream = "mic") {
    auto begun = platform->talk({.device = device.id, .vhost = "", .app = "live", .stream = stream, .way = way});
    settle();
    return begun;
  }
  TalkRow row() { return platform->talks(device.id).at(0); }
  void ready(std::uint16_t port, std::size_t index = 0) {
    sender.places.at(index)->listener.on_ready(port);
    settle();
  }
  test::FakeSendDesk::Place& voice(std::size_t index = 0) { return *sender.places.at(index); }

  GbDevice device;
};

}  // namespace

TEST_CASE("sound is announced, the device asks for it, and is answered when the stream is there", "[gb28181]") {
  const bool by_tcp = GENERATE(false, true);
  Talking site(by_tcp ? 7 : 0);
  const auto target = site.begin();
  REQUIRE(target);
  CHECK(*target == camera_channel);
  REQUIRE(site.device.commands.back().command == "Broadcast");
  CHECK(site.device.commands.back().root.text_of("SourceID") == "34020000002000000001");
  CHECK(site.device.commands.back().root.text_of("TargetID") == camera_channel);
  REQUIRE(site.sender.places.size() == 1);
  const auto& order = site.voice().order;
  CHECK(order.request.stream == "mic");
  CHECK(order.address == "192.0.2.7");
  CHECK(order.port == 15062);
  CHECK(order.transport == MediaTransport::udp);
  CHECK(order.ssrc == 200000042);
  REQUIRE(order.voice);
  CHECK(order.voice->packet == 100ms);
  CHECK(site.row().state == TalkState::preparing);
  site.ready(30000);
  REQUIRE(site.device.voices.size() == 1);
  CHECK(site.device.voices[0].status == 200);
  CHECK(site.device.voices[0].sdp.find("m=audio 30000 RTP/AVP 8\r\na=sendonly") != std::string::npos);
  CHECK(site.device.voices[0].sdp.find("y=0200000042") != std::string::npos);
  CHECK(site.voice().begun);
  CHECK(site.row().state == TalkState::talking);
  CHECK(site.platform->totals().talking == 1);
  CHECK(site.told.back() == "talk " + site.device.id + " " + camera_channel);
  // The same again is no other one; another stream has to wait.
  CHECK(site.begin());
  CHECK(site.begin(TalkWay::broadcast, "other").error() == SignalErrc::talking);
  REQUIRE(site.platform->end_talk(site.device.id, ""));
  site.settle();
  CHECK(site.device.voices[0].ended);
  CHECK(site.voice().closed);
  CHECK(site.row().state == TalkState::over);
  CHECK(site.platform->totals().talks == 0);
  CHECK(site.platform->totals().talks_failed == 0);
  CHECK(site.platform->end_talk(site.device.id, "").error() == SignalErrc::no_such_call);
  CHECK(site.told.back().starts_with("talk over " + site.device.id));
}

TEST_CASE("a device that listens is connected to, and one that connects is listened for", "[gb28181]") {
  const bool passive = GENERATE(true, false);
  Talking site(7);
  site.device.voice_media = std::string("m=audio 15062 TCP/RTP/AVP 8\r\na=setup:") + (passive ? "passive" : "active") +
                            "\r\na=connection:new\r\n";
  site.device.voice_from = camera_channel;
  REQUIRE(site.begin());
  REQUIRE(site.sender.places.size() == 1);
  CHECK(site.voice().order.transport == (passive ? MediaTransport::tcp_active : MediaTransport::tcp_passive));
  site.ready(passive ? 9 : 30002);
  CHECK(site.device.voices[0].sdp.find(passive ? "a=setup:active" : "a=setup:passive") != std::string::npos);
  CHECK(site.voice().begun);
}

TEST_CASE("a device's loudspeaker of the catalogue is taken, or the one that is asked for", "[gb28181]") {
  GbSite site;
  GbDevice device;
  device.channels = {camera_channel, "34020000001370000001"};
  site.joins(device);
  site.settle();
  const auto own = site.platform->talk({.device = device.id, .app = "live", .stream = "mic"});
  REQUIRE(own);
  CHECK(*own == "34020000001370000001");
  const auto other =
      site.platform->talk({.device = device.id, .channel = "34020000001370000002", .app = "live", .stream = "mic"});
  REQUIRE(other);
  site.settle();
  CHECK(site.platform->talks(device.id).size() == 2);
  CHECK(site.platform->talk({.device = device.id, .channel = "../x", .app = "live", .stream = "mic"}).error() ==
        SignalErrc::no_such_channel);
  CHECK(site.platform->talk({.device = device.id, .app = "live"}).error() == SignalErrc::bad_request);
  CHECK(site.platform->talk({.device = "1", .app = "live", .stream = "mic"}).error() == SignalErrc::no_such_device);
}

TEST_CASE("a device that does not want it, or never asks for it, is told of", "[gb28181]") {
  SECTION("it says so") {
    Talking site;
    site.device.takes_broadcast = false;
    REQUIRE(site.begin());
    CHECK(site.row().state == TalkState::over);
    CHECK(site.row().why == "the device refused");
    CHECK(site.platform->totals().talks_failed == 1);
  }
  SECTION("it says nothing more") {
    Talking site;
    site.device.asks_for_sound = false;
    REQUIRE(site.begin());
    site.advance(14s);
    CHECK(site.row().state == TalkState::announced);
    site.advance(2s);
    CHECK(site.row().why == "the device has not asked for the sound (no INVITE)");
  }
  SECTION("it is not there any more") {
    Talking site;
    site.device.answers_anything = false;
    REQUIRE(site.begin());
    site.advance(40s);
    CHECK(site.row().state == TalkState::over);
  }
}

TEST_CASE("what a loudspeaker cannot be sent is refused with 488", "[gb28181]") {
  Talking site;
  site.device.voice_media = "m=audio 15062 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n";
  REQUIRE(site.begin());
  CHECK(site.sender.places.empty());
  REQUIRE(site.device.voices.size() == 1);
  CHECK(site.device.voices[0].status == 488);
  CHECK(site.row().state == TalkState::over);
}

TEST_CASE("a stream that is not there, or ends, ends the sound", "[gb28181]") {
  Talking site;
  REQUIRE(site.begin());
  const bool talked = GENERATE(false, true);
  if (talked) site.ready(30000);
  site.voice().listener.on_end(hub::Errc::unpublished);
  site.settle();
  CHECK(site.row().state == TalkState::over);
  CHECK(site.voice().closed);
  CHECK(site.device.voices[0].status == (talked ? 200 : 480));
  CHECK(site.device.voices[0].ended == talked);
  CHECK(site.platform->totals().talks_failed == (talked ? 0 : 1));
}

TEST_CASE("the device hangs up, or before it was answered takes it back", "[gb28181]") {
  const bool answered = GENERATE(true, false);
  Talking site;
  REQUIRE(site.begin());
  if (answered) {
    site.ready(30000);
    site.device.end_voice(0);
  } else {
    site.device.cancel_voice(0);
  }
  site.settle();
  CHECK(site.device.last_status() == (answered ? 200 : 487));
  CHECK(site.voice().closed);
  CHECK(site.row().why == "the device ended the call");
  CHECK_FALSE(site.device.voices[0].ended);  // no BYE of ours
}

TEST_CASE("an answer that is not acknowledged is said again, and then given up", "[gb28181]") {
  Talking site;
  site.loses = [](const std::string& text) { return text.starts_with("ACK "); };
  REQUIRE(site.begin());
  site.ready(30000);
  CHECK(site.row().state == TalkState::answered);
  const std::size_t before = site.sent.size();
  site.advance(4s);
  CHECK(site.sent.size() >= before + 3);
  CHECK_FALSE(site.voice().begun);
  site.advance(30s);
  CHECK(site.row().state == TalkState::over);
  CHECK(site.device.voices[0].ended);
}

TEST_CASE("an INVITE that nothing was announced for is refused", "[gb28181]") {
  Talking site;
  site.device.asks_for_sound = false;
  REQUIRE(site.begin());
  // From elsewhere, with the id of the device that was asked.
  GbDevice stranger;
  stranger.address = "198.51.100.66";
  site.plug(stranger);
  const std::size_t before = stranger.answers.size();
  stranger.ask_for_sound(camera_channel);
  site.settle();
  REQUIRE(stranger.answers.size() > before);
  CHECK(stranger.answers.back().status >= 400);
  CHECK(site.sender.places.empty());
}

TEST_CASE("talk: the device is invited, and what it answers is where the sound goes", "[gb28181]") {
  const auto transport = GENERATE(MediaTransport::udp, MediaTransport::tcp_passive, MediaTransport::tcp_active);
  Talking site(0, [&](Platform::Settings& settings) { settings.talks.transport = transport; });
  REQUIRE(site.begin(TalkWay::talk));
  REQUIRE(site.sender.places.size() == 1);
  CHECK(site.voice().order.transport == transport);
  CHECK(site.voice().order.address == "192.0.2.7");
  CHECK(site.voice().order.port == 0);
  CHECK(site.device.voices.empty());
  site.ready(30000);
  REQUIRE(site.device.voices.size() == 1);
  CHECK(site.device.voices[0].target == camera_channel);
  CHECK(site.device.voices[0].sdp.find("s=Talk") != std::string::npos);
  CHECK(site.device.voices[0].sdp.find("m=audio 30000") != std::string::npos);
  CHECK(site.voice().aimed == "192.0.2.7:15062");
  CHECK(site.voice().begun);
  CHECK(site.row().state == TalkState::talking);
  CHECK(site.row().to == "192.0.2.7:15062");
  REQUIRE(site.platform->end_talk(site.device.id, ""));
  site.settle();
  CHECK(site.device.voices[0].ended);
}

TEST_CASE("talk: a device that refuses, or says nothing, or is taken back", "[gb28181]") {
  Talking site;
  SECTION("busy") {
    site.device.refuses_with = 486;
    REQUIRE(site.begin(TalkWay::talk));
    site.ready(30000);
    CHECK(site.row().why == "the device is busy (486)");
  }
  SECTION("silent") {
    site.device.answers_invite = false;
    REQUIRE(site.begin(TalkWay::talk));
    site.ready(30000);
    site.advance(16s);
    CHECK(site.row().why == "the device does not answer");
    CHECK(site.device.voices[0].ended);  // CANCEL
  }
  SECTION("no line of sound") {
    site.device.voice_media = "m=audio 0 RTP/AVP 8\r\n";
    REQUIRE(site.begin(TalkWay::talk));
    site.ready(30000);
    CHECK(site.row().state == TalkState::over);
    CHECK(site.device.voices[0].ended);
  }
  CHECK(site.voice().closed);
  CHECK(site.platform->totals().talks_failed == 1);
}

TEST_CASE("sound ends with its device, and with the server", "[gb28181]") {
  Talking site;
  REQUIRE(site.begin());
  site.ready(30000);
  if (GENERATE(true, false)) {
    site.device.register_now(0);
    site.settle();
  } else {
    site.platform->stop();
    site.settle();
    CHECK(site.device.voices[0].ended);
  }
  CHECK(site.voice().closed);
  CHECK(site.platform->totals().talks == 0);
}

}  // namespace weir::test::talks_test
