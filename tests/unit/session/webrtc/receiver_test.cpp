#include "session/webrtc/receiver.h"

#include "support/catch.h"
#include "unit/session/webrtc/frames_came.h"
#include "unit/session/webrtc/rtp_publisher.h"

namespace weir::test::receiver_test {

using namespace std::chrono_literals;
using media::TrackId;
using test::came;
using test::check_frames;
using test::RtpPublisher;
using test::times_grow;

TEST_CASE("what a browser sends comes out frame by frame, with its tracks", "[webrtc]") {
  RtpPublisher rig;
  rig.run(3s);
  check_frames(rig, 1);
  REQUIRE(rig.sink.tracks.size() == 2);
  const auto& video = *rig.sink.tracks[0].parameters;
  CHECK(video.codec == media::Codec::h264);
  CHECK(video.width == 1280);
  CHECK(video.nal_length_bytes == 4);
  CHECK_FALSE(video.extradata.empty());
  CHECK(rig.sink.tracks[1].parameters->codec == media::Codec::opus);
  CHECK(rig.sink.tracks[1].parameters->channels == 2);
  CHECK(rig.sink.tracks[1].parameters->extradata.size() == 19);
  CHECK(rig.sink.changes == 2);
  CHECK(rig.sink.expected.video);
  CHECK(rig.sink.expected.audio);
  const auto pictures = rig.sink.of(TrackId::video);
  CHECK(pictures[0]->key);
  CHECK(base::to_millis(pictures[30]->dts - pictures[0]->dts) == 1000);
  CHECK(pictures[30]->composition == base::Ticks(0));
  CHECK(rig.repeated == 0);
  CHECK(rig.asked_at.empty());
  CHECK(rig.sink.complaints.empty());
}

TEST_CASE("a sender whose SSRC changes goes on with the same track", "[webrtc]") {
  RtpPublisher rig;
  rig.run(2s);
  const int changes = rig.sink.changes;
  const std::size_t before = rig.sink.of(TrackId::video).size();
  rig.video.ssrc = 2345;
  rig.video.sequence = 17;
  rig.video.timestamp = 4711;
  rig.run(3s);
  CHECK(rig.sink.changes == changes);
  const auto pictures = rig.sink.of(TrackId::video);
  CHECK(pictures.size() > before + 60);
  CHECK(times_grow(pictures));
  CHECK(base::to_millis(pictures.back()->dts) > 4900);
  CHECK(base::to_millis(pictures.back()->dts) < 5060);
}

TEST_CASE("a sender that counts anew with the same SSRC goes on", "[webrtc]") {
  RtpPublisher rig;
  rig.run(2s);
  const std::size_t before = rig.sink.of(TrackId::video).size();
  rig.video.sequence = static_cast<std::uint16_t>(rig.video.sequence + 30'000);
  rig.video.timestamp += 90'000u * 3600u;
  rig.run(3s);
  const auto pictures = rig.sink.of(TrackId::video);
  CHECK(pictures.size() > before + 60);
  CHECK(times_grow(pictures));
  CHECK(base::to_millis(pictures.back()->dts) < 5100);
  CHECK(rig.receiver->figures().counts.strays == 1);
}

TEST_CASE("sources that nobody announced are bound by mid, and without it by payload type", "[webrtc]") {
  for (const bool says_mid : {true, false}) {
    RtpPublisher rig;
    rig.says_mid = says_mid;
    rig.run(1s);
    check_frames(rig, 1);
  }
}

TEST_CASE("a hundred sources are too many, and the first ones are served on", "[webrtc]") {
  RtpPublisher rig;
  rig.run(500ms);
  for (std::uint32_t ssrc = 50'000; ssrc < 50'100; ++ssrc) {
    for (std::uint16_t i = 0; i < 5; ++i) {
      rig.deliver(test::rtp_packet({true, false, 96, i, 9000, ssrc}, test::bytes("6512345678"), "1"));
    }
  }
  rig.run(1s);
  check_frames(rig, 1);
  const auto figures = rig.receiver->figures();
  CHECK(figures.sources.size() == session::webrtc::Receiver::most_sources);
  CHECK(figures.counts.unbound == (100 - 14) * 5);
  CHECK(rig.sink.complaints.size() == 1);
}

TEST_CASE("a payload type that was not negotiated is said once", "[webrtc]") {
  RtpPublisher rig;
  for (std::uint16_t i = 0; i < 5; ++i) {
    rig.deliver(test::rtp_packet({true, false, 108, i, 9000, 7}, test::bytes("6512"), "1"));
    rig.deliver(test::rtp_packet({true, false, 35, i, 9000, 8}, test::bytes("6512")));
  }
  REQUIRE(rig.sink.complaints.size() == 2);
  CHECK(rig.sink.complaints[0] == "RTP with payload type 108, negotiated 96");
  CHECK(rig.sink.complaints[1] == "RTP with payload type 35, negotiated 111, 96");
  CHECK(rig.receiver->figures().counts.wrong_payload == 5);
}

TEST_CASE("a microphone that is muted leaves a gap in time, and no more", "[webrtc]") {
  RtpPublisher rig;
  rig.run(1s);
  rig.sends_audio = false;
  rig.run(4s);
  rig.sends_audio = true;
  rig.run(1s);
  const auto sounds = rig.sink.of(TrackId::audio);
  CHECK(came(sounds, rig.sent_sounds) == static_cast<int>(sounds.size()));
  CHECK(base::to_millis(sounds[50]->dts - sounds[49]->dts) == 4020);
  CHECK(rig.receiver->figures().counts.nacks == 0);
}

TEST_CASE("garbage is counted and changes nothing", "[webrtc]") {
  RtpPublisher rig;
  rig.run(500ms);
  const auto hear = [&](const char* hex) { rig.receiver->rtcp(test::bytes(hex), rig.now); };
  hear("80c8");
  hear("80c8ffff00000001");
  hear("ff");
  hear("80cb0001000003e9");  // BYE of nobody
  hear("81cb0001000003e9");  // of the sound, which goes on
  rig.deliver(test::bytes("80600001"));
  rig.deliver(test::ByteVector(12, 0xff));
  CHECK(rig.receiver->figures().counts.malformed == 5);
  rig.run(500ms);
  check_frames(rig, 1);
}

TEST_CASE("a publisher whose tracks the stream refuses is to go", "[webrtc]") {
  RtpPublisher rig;
  rig.sink.refused = rtp::Errc::bad_payload;
  rig.run(500ms);
  CHECK(rig.failed == rtp::Errc::bad_payload);
  CHECK(rig.sink.frames.empty());
}

}  // namespace weir::test::receiver_test
