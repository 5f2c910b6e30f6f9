#include "unit/session/webrtc/frames_came.h"

namespace weir::test::receiver_loss_test {

using namespace std::chrono_literals;
using media::TrackId;
using test::check_frames;
using test::RtpPublisher;

namespace {

// The longest time between two pictures that came in this span, in milliseconds of the stream.
std::int64_t longest_gap(const RtpPublisher& rig, std::int64_t from, std::int64_t to) {
  std::int64_t longest = 0, last = from;
  for (const media::Frame* frame : rig.sink.of(TrackId::video)) {
    const std::int64_t at = base::to_millis(frame->dts);
    if (at < from || at > to) continue;
    longest = std::max(longest, at - last);
    last = at;
  }
  return std::max(longest, to - last);
}

}  // namespace

TEST_CASE("five per cent lost, others late or doubled: what is asked for again comes again", "[webrtc]") {
  for (const bool own_source : {false, true}) {
    RtpPublisher rig({.loss = 0.05, .late = 0.05, .twice = 0.02, .delay = 25ms, .seed = 7});
    if (own_source) rig.video.again_ssrc = 2002;
    rig.run(10s);
    CHECK(rig.lost >= 50);
    check_frames(rig, 0.97);
    const auto figures = rig.receiver->figures();
    REQUIRE(figures.round_trip.has_value());
    CHECK(figures.round_trip->count() >= 48);
    CHECK(figures.round_trip->count() <= 53);
    CHECK(figures.sources.at(0).recovered > 20);
    CHECK(rig.repeated < 2 * rig.lost + 300);
  }
}

TEST_CASE("without retransmission a loss costs what depends on it, and a key frame is asked for", "[webrtc]") {
  RtpPublisher rig({.loss = 0.01, .seed = 3}, {test::agreed_audio(false), test::agreed_video(false)});
  rig.run(10s);
  CHECK(rig.repeated == 0);
  CHECK(rig.asked_at.size() >= 3);
  check_frames(rig, 0.3);
  CHECK(rig.sink.of(TrackId::video).size() < rig.sent_pictures.size() - 5);
  CHECK(rig.receiver->figures().sources.at(0).dropped_frames > 0);
}

TEST_CASE("five per cent lost each way and a round trip of 50 ms: hardly a picture is missed, and no long gap",
          "[webrtc]") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    RtpPublisher rig({.loss = 0.05, .delay = 25ms, .loss_back = 0.05, .seed = seed});
    if (seed % 2 == 0) rig.video.again_ssrc = 2002;
    rig.run(60s);
    check_frames(rig, 0.99);
    CHECK(longest_gap(rig, 100, 59'000) <= 500);
    INFO("seed " << seed << ": " << rig.sink.of(TrackId::video).size() << " of " << rig.sent_pictures.size());
    CHECK(rig.asked_at.size() <= 10);
  }
}

TEST_CASE("a fifth lost for three seconds: pictures again within a second and a half of its end", "[webrtc]") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    RtpPublisher rig({.delay = 25ms, .seed = seed});
    rig.run(5s);
    rig.link.loss = rig.link.loss_back = 0.2;
    rig.run(3s);
    rig.link.loss = rig.link.loss_back = 0;
    rig.run(4s);
    CHECK(longest_gap(rig, 7'500, 11'500) <= 2'000);
    CHECK(longest_gap(rig, 9'500, 11'500) <= 40);
  }
}

}  // namespace weir::test::receiver_loss_test
