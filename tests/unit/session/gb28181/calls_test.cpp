#include "session/gb28181/platform.h"
#include "support/catch.h"
#include "support/gb_site.h"

namespace weir::test::calls_test {

using namespace std::chrono_literals;
using session::gb28181::CallState;
using session::gb28181::MediaErrc;
using session::gb28181::Platform;
using session::gb28181::Purpose;
using session::gb28181::SignalErrc;
using test::GbDevice;
using test::GbSite;

namespace {

struct Site : GbSite {
  explicit Site(const std::function<void(Platform::Settings&)>& change = {}) : GbSite(change) {
    plug(device);
    register_all();
  }
  const std::string stream = "34020000001110000001_34020000001320000001";
  GbDevice device;
};

struct Always : Site {
  Always()
      : Site([](Platform::Settings& settings) {
          settings.on_demand = false;
          settings.output = "rtmp://127.0.0.1/live/[stream]";
        }) {}
};

}  // namespace

TEST_CASE_METHOD(Site, "who plays a channel starts an INVITE, and who leaves ends it", "[gb28181]") {
  const auto key = want(stream);
  REQUIRE(device.calls.size() == 1);
  const GbDevice::Call& call = device.calls[0];
  CHECK(call.channel == "34020000001320000001");
  CHECK(call.ssrc == "0200000001");
  CHECK(call.subject == "34020000001320000001:0200000001,34020000002000000001:0");
  CHECK(call.session == "Play");
  CHECK(call.setup == "passive");
  CHECK(call.address == "203.0.113.5");  // that the device reached
  CHECK(call.port == 30000);
  CHECK(call.acknowledged);
  REQUIRE(place(0).answers.size() == 1);
  CHECK(place(0).order.ssrc == 200000001);
  CHECK(place(0).answers[0].ssrc == 200000001U);
  CHECK(place(0).answers[0].port == 15060);
  place(0).listener.on_media();
  CHECK(platform->calls().at(0).state == CallState::playing);
  CHECK(platform->calls().at(0).why.empty());
  want(stream);  // a second player
  CHECK(device.calls.size() == 1);
  platform->unwant(key);
  settle();
  CHECK(device.calls[0].ended);
  CHECK(place(0).closed);
  CHECK(failures.empty());
}

TEST_CASE_METHOD(Site, "the device alone names its first channel", "[gb28181]") {
  want(device.id);
  REQUIRE(device.calls.size() == 1);
  CHECK(device.calls[0].channel == "34020000001320000001");
}

TEST_CASE_METHOD(Site, "what a device answers as y is told to the media", "[gb28181]") {
  device.y = "0000000000";
  want(stream);
  CHECK(place(0).answers.at(0).ssrc == 0U);
  device.y = "none";
  want("34020000001110000001_34020000001110000001");
  REQUIRE(place(1).answers.size() == 1);
  CHECK_FALSE(place(1).answers[0].ssrc.has_value());
  device.y = "0302009394";
  want(device.id);
  CHECK(place(2).answers.at(0).ssrc == 302009394U);
}

TEST_CASE_METHOD(Site, "who waits hears why there is no picture", "[gb28181]") {
  for (const auto& [status, why] : {std::pair(486U, SignalErrc::busy), std::pair(488U, SignalErrc::not_acceptable),
                                    std::pair(500U, SignalErrc::failed), std::pair(404U, SignalErrc::not_found),
                                    std::pair(603U, SignalErrc::refused)}) {
    failures.clear();
    device.refuses_with = status;
    want(stream);
    REQUIRE(failures.size() == 1);
    CHECK(failures[0].second == why);
  }
  failures.clear();
  device.refuses_with = 0;
  device.media_port = 0;
  want(stream);
  REQUIRE(failures.size() == 1);
  CHECK(failures[0].second == SignalErrc::no_media);
  CHECK(device.calls.back().ended);
  CHECK(media.places.back()->closed);
  CHECK(platform->calls().at(0).why == "the device accepted without sending media (port 0)");

  want("34020000001110000009_34020000001320000001");
  CHECK(failures.back().second == SignalErrc::no_such_device);
  want("34020000001110000001_34020000001320000099");
  CHECK(failures.back().second == SignalErrc::no_such_channel);
  media.fails_with = MediaErrc::no_free_port;
  want(stream);
  CHECK(failures.back().second == MediaErrc::no_free_port);
}

TEST_CASE_METHOD(Site, "a device that does not answer is invited twice, then who waits is told", "[gb28181]") {
  device.answers_invite = false;
  want(stream);
  advance(16s);
  CHECK(device.calls.size() == 2);
  CHECK(device.calls[0].cancelled);
  CHECK(failures.empty());
  advance(16s);
  REQUIRE(failures.size() == 1);
  CHECK(failures[0].second == SignalErrc::no_answer);
  CHECK(device.calls[1].cancelled);
  CHECK(platform->calls().at(0).state == CallState::over);
}

TEST_CASE_METHOD(Site, "a device that accepts and sends nothing is asked once more, then given up", "[gb28181]") {
  want(stream);
  place(0).listener.on_end(MediaErrc::no_packet, "no packet came to 30000 (TCP and UDP)");
  advance(200ms);
  CHECK(device.calls.at(0).ended);
  REQUIRE(device.calls.size() == 2);
  place(1).listener.on_end(MediaErrc::no_packet, "no packet came to 30002 (TCP and UDP)");
  settle();
  CHECK(failures.at(0).second == MediaErrc::no_packet);
  CHECK(platform->calls().at(0).why.find("no packet came to 30002 (TCP and UDP)") != std::string::npos);
}

TEST_CASE_METHOD(Site, "media that is lost is invited again after the pause", "[gb28181]") {
  const auto key = want(stream);
  place(0).listener.on_media();
  place(0).listener.on_end(MediaErrc::went_silent, "");
  settle();
  CHECK(device.calls.at(0).ended);
  advance(4'800ms);
  CHECK(device.calls.size() == 1);
  advance(400ms);
  REQUIRE(device.calls.size() == 2);
  CHECK(device.calls[1].ssrc != device.calls[0].ssrc);
  CHECK(failures.empty());
  // The device hangs up: the same.
  place(1).listener.on_media();
  device.hang_up(1);
  settle();
  CHECK(device.last_status() == 200);
  CHECK_FALSE(device.calls[1].ended);  // no BYE of ours to it
  advance(5'200ms);
  CHECK(device.calls.size() == 3);
  platform->unwant(key);
  settle();
  advance(60s);
  CHECK(device.calls.size() == 3);
}

TEST_CASE_METHOD(Site, "a player that leaves before the answer cancels", "[gb28181]") {
  device.answers_invite = false;
  const auto key = want(stream);
  platform->unwant(key);
  settle();
  CHECK(device.calls.at(0).cancelled);
  CHECK(place(0).closed);
  CHECK(failures.empty());
}

TEST_CASE_METHOD(Site, "an answer that crosses our CANCEL is acknowledged and ended", "[gb28181]") {
  loses = [](const std::string& text) {
    return text.starts_with("SIP/2.0 200") && text.find("INVITE") != std::string::npos;
  };
  const auto key = want(stream);
  platform->unwant(key);
  loses = {};
  device.input(device.calls.at(0).invite_text);  // it answers again
  settle();
  CHECK(device.calls[0].acknowledged);
  CHECK(device.calls[0].ended);
}

TEST_CASE_METHOD(Site, "an INVITE and an ACK that are lost are repaired over UDP", "[gb28181]") {
  int dropped = 0;
  loses = [&](const std::string& text) {
    return (text.starts_with("INVITE") || text.starts_with("ACK")) && dropped++ % 2 == 0;
  };
  want(stream);
  CHECK(device.calls.empty());
  advance(1s);
  REQUIRE(device.calls.size() == 1);
  CHECK_FALSE(device.calls[0].acknowledged);
  device.input(device.calls[0].invite_text);  // as its timer does: the 200 again
  settle();
  CHECK(device.calls[0].acknowledged);
}

TEST_CASE_METHOD(Site, "a device that goes offline ends what waits and keeps what played waiting", "[gb28181]") {
  want(stream);
  place(0).listener.on_media();
  device.register_now(0);
  settle();
  CHECK(place(0).closed);
  CHECK(failures.empty());
  want(device.id);
  CHECK(failures.at(0).second == SignalErrc::device_offline);
  device.register_now();
  settle();
  advance(200ms);
  CHECK(device.calls.size() == 2);
}

TEST_CASE_METHOD(Site, "a key frame is asked for in the spelling of the device", "[gb28181]") {
  want(stream);
  REQUIRE(place(0).ask_key);
  place(0).ask_key();
  settle();
  CHECK(device.commands.back().root.text_of("IFameCmd") == "Send");
  device.version = "3.0";
  device.register_now();
  settle();
  place(0).ask_key();
  settle();
  CHECK(device.commands.back().root.text_of("IFrameCmd") == "Send");
}

TEST_CASE_METHOD(Site, "recordings are played back, sought in, and end", "[gb28181]") {
  const auto key = platform->invite({.device = device.id,
                                     .channel = device.channels[0],
                                     .purpose = Purpose::playback,
                                     .span = {1'767'322'800, 1'767'326'400}});
  settle();
  REQUIRE(key.has_value());
  CHECK(key->stream == stream + "_1767322800_1767326400");
  const GbDevice::Call& call = device.calls.at(0);
  CHECK(call.session == "Playback");
  CHECK(call.ssrc.starts_with("1"));
  CHECK(call.start == 1'767'322'800);
  CHECK(call.stop == 1'767'326'400);
  using Action = manscdp::Playback::Action;
  REQUIRE(platform->control(*key, {.action = Action::pause}).has_value());
  CHECK(place(0).paused);
  REQUIRE(platform->control(*key, {.action = Action::seek, .seconds = 90}).has_value());
  CHECK_FALSE(place(0).paused);
  CHECK(place(0).seeks == 1);
  settle();
  REQUIRE(device.infos.size() == 2);
  CHECK(device.infos[0] == "PAUSE RTSP/1.0\r\nCSeq: 1\r\nPauseTime: now\r\n\r\n");
  CHECK(device.infos[1] == "PLAY RTSP/1.0\r\nCSeq: 2\r\nRange: npt=90-\r\n\r\n");
  device.say(
      "<Notify><CmdType>MediaStatus</CmdType><SN>1</SN><DeviceID>34020000001320000001</DeviceID>"
      "<NotifyType>121</NotifyType></Notify>");
  settle();
  CHECK(device.calls[0].ended);
  CHECK(platform->calls().at(0).why == "the recording is over");
  CHECK(place(0).finished);
  CHECK(platform->control(*key, {}).error() == SignalErrc::no_such_call);
}

TEST_CASE_METHOD(Site, "a device that hangs up has played its recording to the end", "[gb28181]") {
  const auto key = platform->invite({.device = device.id,
                                     .channel = device.channels[0],
                                     .purpose = Purpose::playback,
                                     .span = {1'767'322'800, 1'767'326'400}});
  settle();
  REQUIRE(key.has_value());
  device.hang_up(0);
  settle();
  CHECK(platform->calls().at(0).why == "the recording is over");
  CHECK(place(0).finished);
}

TEST_CASE_METHOD(Site, "what the API asks for and cannot be had is told at once", "[gb28181]") {
  CHECK(platform->invite({.device = "1"}).error() == SignalErrc::no_such_device);
  CHECK(platform->invite({.device = device.id, .purpose = Purpose::playback}).error() == SignalErrc::bad_request);
  media.fails_with = MediaErrc::stream_taken;
  CHECK(platform->invite({.device = device.id}).error() == MediaErrc::stream_taken);
  media.fails_with = {};
  const auto live = platform->invite({.device = device.id});
  settle();
  REQUIRE(live.has_value());
  CHECK(platform->control(*live, {}).error() == SignalErrc::not_playback);
  CHECK(platform->bye(*live).has_value());
  settle();
  CHECK(device.calls.at(0).ended);
  CHECK(platform->bye(*live).error() == SignalErrc::no_such_call);
}

TEST_CASE_METHOD(Always, "what the log says of a place that a device is asked to send to is counted as that device's",
                 "[gb28181]") {
  CHECK(place(0).order.request.peer.address == device.address);
}

TEST_CASE_METHOD(Always, "as in SRS a device is invited when it registers, and again when media is lost", "[gb28181]") {
  REQUIRE(device.calls.size() == 1);
  CHECK(device.calls[0].channel == "34020000001320000001");
  CHECK(place(0).order.request.stream == device.id);  // SRS's name
  place(0).listener.on_media();
  place(0).listener.on_end(MediaErrc::went_silent, "");
  advance(5'200ms);
  REQUIRE(device.calls.size() == 2);
  // It refuses for a while: the pauses grow, and it is never given up.
  device.refuses_with = 486;
  place(1).listener.on_end(MediaErrc::went_silent, "");
  for (int i = 0; i < 5; ++i) {
    advance(60s);
    device.keepalive();
    settle();
  }
  CHECK(device.calls.size() >= 6);
  CHECK(device.calls.size() <= 12);
  device.refuses_with = 0;
  advance(61s);
  CHECK(platform->calls().at(0).state == CallState::accepted);
  // A reboot: it registers anew and is invited at once.
  const auto before = device.calls.size();
  media.places.back()->listener.on_end(MediaErrc::went_silent, "");
  device.register_now();
  settle();
  advance(200ms);
  CHECK(device.calls.size() == before + 1);
}

TEST_CASE("SSRCs are given once, and the last given back is the last to come again", "[gb28181]") {
  session::gb28181::SsrcPool pool("3402000000");
  std::vector<session::gb28181::SsrcPool::Ssrc> all;
  for (int i = 0; i < 10'000; ++i) {
    auto one = pool.take(i % 2 == 1);
    REQUIRE(one);
    CHECK(one->text().size() == 10);
    all.push_back(*std::move(one));
  }
  CHECK_FALSE(pool.take(false));
  CHECK(all[0].text() == "0200000001");
  CHECK(all[1].text() == "1200000002");
  CHECK(all[1].value() == 1'200'000'002U);
  all.erase(all.begin() + 5);
  CHECK(pool.take(false)->text() == "0200000006");
  CHECK(pool.in_use() == 9'999);
}

}  // namespace weir::test::calls_test
