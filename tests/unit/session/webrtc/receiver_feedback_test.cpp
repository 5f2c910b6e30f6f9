#include "session/webrtc/receiver.h"
#include "support/catch.h"
#include "unit/session/webrtc/rtp_publisher.h"

namespace weir::test::receiver_feedback_test {

using namespace std::chrono_literals;
using media::TrackId;
using test::RtpPublisher;

namespace {

// How far the pictures are from the sounds of the same moment, in milliseconds.
std::int64_t apart(const RtpPublisher& rig, std::size_t picture) {
  const auto pictures = rig.sink.of(TrackId::video), sounds = rig.sink.of(TrackId::audio);
  const auto origin = static_cast<std::int64_t>(picture / 3 * 100 + picture % 3 * 33);
  return base::to_millis(pictures.at(picture)->dts - sounds.at(0)->dts) - origin;
}

std::chrono::milliseconds after(const RtpPublisher& rig, std::size_t question) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(rig.asked_at.at(question) - RtpPublisher::start);
}

}  // namespace

TEST_CASE("feedback tells of each packet from the first on, whatever its source", "[webrtc]") {
  RtpPublisher rig({.loss = 0.1, .seed = 5});
  rig.run(300ms);
  // A probe of a source that is not in use: padding alone, of a retransmission.
  rig.deliver(test::rtp_packet({false, false, 97, 1, 0, 99}, {}, "1", rig.transport++));
  rig.run(1s);
  CHECK(rig.first_feedback - RtpPublisher::start <= 120ms);
  CHECK(rig.feedbacks >= 11);
  const std::uint64_t all = static_cast<std::uint16_t>(rig.transport - 65'000);
  CHECK(rig.arrived + rig.not_arrived >= all - 40);
  CHECK(rig.not_arrived <= rig.lost);
  CHECK(rig.not_arrived > 0);
  for (const auto& [when, size] : rig.heard) CHECK(size <= 1200);
}

TEST_CASE("a worker without time asks for nothing again and gives no feedback, but reports", "[webrtc]") {
  session::webrtc::Breaker breaker;
  REQUIRE(breaker.sample({}, 100));
  RtpPublisher rig({.loss = 0.1, .seed = 5, .breaker = &breaker});
  rig.run(3s);
  CHECK(rig.lost > 10);
  CHECK(rig.repeated == 0);
  CHECK(rig.feedbacks == 0);
  CHECK(rig.reports.size() >= 2);
  REQUIRE(breaker.sample({}, 10));
  rig.run(1s);
  CHECK(rig.repeated > 0);
  CHECK(rig.feedbacks > 0);
}

TEST_CASE("reports say what the way loses, and when the sender's own reports came", "[webrtc]") {
  RtpPublisher rig({.loss = 0.1, .late = 0.3, .seed = 11}, {test::agreed_audio(false), test::agreed_video(false)});
  rig.run(5s);
  REQUIRE(rig.reports.size() >= 4);
  const auto& last = rig.reports.back().blocks;
  REQUIRE(last.size() == 2);
  CHECK(last[0].ssrc == rig.video.ssrc);
  for (const auto& block : last) {
    CHECK(block.lost > 0);
    CHECK(block.jitter > 0);
    CHECK(block.last_report != 0);
    CHECK(block.delay > 0);
    CHECK(block.delay < 65'536 + 6'000);
  }
  CHECK(rig.receiver->figures().sources.at(0).fraction_lost < 0.4);
  CHECK(rig.receiver->figures().sources.at(0).bitrate_bps > 100'000);
}

TEST_CASE("a picture that is later than its sound is brought back once reports say so, without a step", "[webrtc]") {
  RtpPublisher rig;
  rig.video_behind = 80ms;
  rig.first_report = 3000ms;
  rig.run(8s);
  CHECK(std::abs(apart(rig, 10) - 80) <= 2);
  CHECK(std::abs(apart(rig, 80) - 80) <= 2);
  CHECK(std::abs(apart(rig, 180)) <= 6);
  const auto pictures = rig.sink.of(TrackId::video);
  for (std::size_t i = 1; i < pictures.size(); ++i) {
    const auto step = pictures[i]->dts - pictures[i - 1]->dts;
    CHECK(step >= base::Ticks(33 * 90 * 94 / 100));
    CHECK(step <= base::Ticks(34 * 90 * 106 / 100));
  }
  CHECK(rig.receiver->figures().counts.wild_reports == 0);
}

TEST_CASE("a report whose clock is wild is ignored, and one that a sender keeps to is believed", "[webrtc]") {
  RtpPublisher rig;
  rig.run(2500ms);
  rig.wrong_ntp = std::uint64_t{100} << 32;
  rig.run(1s);
  rig.wrong_ntp = 0;
  rig.run(1s);
  CHECK(rig.receiver->figures().counts.wild_reports == 2);
  CHECK(std::abs(apart(rig, 120)) <= 6);
  rig.wrong_ntp = std::uint64_t{100} << 32;  // the sender's clock was set
  rig.run(5s);
  CHECK(rig.receiver->figures().counts.wild_reports == 2 + 4);
  CHECK(std::abs(apart(rig, 250)) <= 6);
}

TEST_CASE("a key frame is asked for until one comes, less and less often", "[webrtc]") {
  RtpPublisher rig;
  rig.pictures = 1;  // it begins amid a group
  rig.pictures_in_group = 100'000;
  rig.answers_keys = false;
  rig.run(10s);
  CHECK(rig.sink.of(TrackId::video).empty());
  REQUIRE(rig.asked_at.size() >= 4);
  CHECK(rig.asked_at.size() <= 6);
  CHECK(after(rig, 0) <= 250ms);
  CHECK(after(rig, 1) - after(rig, 0) >= 500ms);
  CHECK(after(rig, 3) - after(rig, 2) >= 1900ms);
  rig.answers_keys = true;
  rig.run(5s);
  CHECK(rig.sink.of(TrackId::video).size() > 10);
}

TEST_CASE("readers' wishes for a key frame are one question", "[webrtc]") {
  RtpPublisher rig;
  rig.pictures_in_group = 100'000;
  rig.run(3s);
  CHECK(rig.asked_at.empty());
  for (int i = 0; i < 5; ++i) {
    rig.receiver->want_key_frame();
    rig.run(10ms);
  }
  rig.run(1s);
  CHECK(rig.asked_at.size() == 1);
  rig.receiver->want_key_frame();
  rig.run(300ms);
  CHECK(rig.asked_at.size() == 2);
}

TEST_CASE("a bridged stream gets a key frame each period", "[webrtc]") {
  RtpPublisher rig({}, {test::agreed_audio(), test::agreed_video()}, 2s);
  rig.pictures_in_group = 100'000;
  rig.run(9s);
  CHECK(rig.asked_at.size() == 4);
}

TEST_CASE("where only REMB is offered the sender is told what it may send", "[webrtc]") {
  auto video = test::agreed_video(false);
  video.codecs[0].remb = true;
  video.extensions.transport_cc = 0;
  RtpPublisher open({}, {video});
  open.sends_audio = false;
  open.run(5s);
  CHECK(open.feedbacks == 0);
  CHECK(open.allowed > 3'000'000);
  RtpPublisher bad({.loss = 0.3, .seed = 2}, {video});
  bad.sends_audio = false;
  bad.run(5s);
  CHECK(bad.allowed >= 300'000);
  CHECK(bad.allowed < 1'000'000);
}

}  // namespace weir::test::receiver_feedback_test
