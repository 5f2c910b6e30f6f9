#include "session/common/frame_publisher.h"

#include "session/common/error.h"
#include "support/catch.h"
#include "unit/hub/two_workers.h"

namespace weir::test::frame_publisher_test {

using namespace std::chrono_literals;
using media::Codec;
using media::TrackId;
using session::FramePublisher;
using test::TwoWorkers;

namespace {

constexpr auto video = TrackId::video, audio = TrackId::audio;

// A publisher, and what its input was given.
struct Rig {
  explicit Rig(std::function<void(config::Vhost&)> change = {}) {
    if (change) change(*server.vhost);
    input = server.publish(0);
    publisher = std::make_unique<FramePublisher>(*input->life, *input->input);
  }
  ~Rig() {
    publisher.reset();
    server.settle();
  }
  void put(TrackId track, std::int64_t ms, std::uint32_t generation = 0) {
    publisher->put(frame(track, ms, generation));
  }
  static media::Frame frame(TrackId track, std::int64_t ms, std::uint32_t generation = 0) {
    return {.track = track,
            .codec = track == audio ? Codec::aac : Codec::h264,
            .dts = std::chrono::milliseconds(ms),
            .key = track != audio,
            .generation = generation,
            .payload = base::SharedBytes::copy_of(base::as_bytes("frame"))};
  }
  const media::Tracks& tracks() const { return input->input->figures().tracks; }
  std::uint64_t count(Codec codec) const {
    const auto& figures = input->input->figures();
    return media::kind_of(codec) == media::Kind::audio ? figures.audio_frames : figures.video_frames;
  }

  TwoWorkers server;
  std::shared_ptr<TwoWorkers::Publisher> input;
  std::unique_ptr<FramePublisher> publisher;
};

media::Tracks both(std::uint32_t generation = 0) {
  return {test::track(video, Codec::h264, generation), test::track(audio, Codec::aac)};
}

}  // namespace

TEST_CASE("a stream begins when its tracks have sent a frame, and with every frame", "[frame_publisher]") {
  Rig rig;
  REQUIRE(rig.publisher->set_tracks(both()));
  rig.put(video, 90'000);
  rig.put(video, 90'040);
  CHECK(rig.count(Codec::h264) == 0);
  rig.put(audio, 90'030);
  CHECK(rig.count(Codec::h264) == 2);
  CHECK(rig.count(Codec::aac) == 1);
  CHECK(rig.tracks().size() == 2);
}

TEST_CASE("what is expected of one kind alone is not waited for", "[frame_publisher]") {
  Rig rig;
  rig.publisher->expect({.video = true, .audio = false});
  REQUIRE(rig.publisher->set_tracks({test::track(video, Codec::h264)}));
  rig.put(video, 0);
  CHECK(rig.count(Codec::h264) == 1);
}

TEST_CASE("frames of one message begin with all their tracks", "[frame_publisher]") {
  Rig rig([](config::Vhost& vhost) { vhost.publish.track_wait = 0ms; });
  REQUIRE(rig.publisher->set_tracks(both()));
  std::vector<media::Frame> frames = {Rig::frame(video, 0), Rig::frame(audio, 0)};
  rig.publisher->put(frames);
  CHECK(rig.tracks().size() == 2);
  CHECK(rig.count(Codec::h264) == 1);
}

TEST_CASE("times that jump by hours are repaired for all tracks together", "[frame_publisher]") {
  Rig rig;
  REQUIRE(rig.publisher->set_tracks(both()));
  for (const std::int64_t begin : {3'600'000LL, 0LL, 90'000'000LL}) {
    for (std::int64_t ms = begin; ms < begin + 400; ms += 40) {
      rig.put(video, ms);
      rig.put(audio, ms);
    }
  }
  CHECK(rig.publisher->timeline().jumps() == 2);
  rig.publisher->finish();
  CHECK(rig.count(Codec::h264) == 30);
  CHECK(base::to_millis(rig.input->input->figures().last_key_dts) == 29 * 40);
}

TEST_CASE("the publisher's own time is kept where that is asked for before the first frame", "[frame_publisher]") {
  Rig rig;
  REQUIRE(rig.publisher->set_tracks(both()));
  CHECK(rig.publisher->keep_time());
  rig.put(video, 5'000);
  rig.put(audio, 5'000);
  CHECK(base::to_millis(rig.input->input->figures().last_key_dts) == 5'000);
  CHECK_FALSE(rig.publisher->keep_time());
}

TEST_CASE("a held frame goes to its stream at the end, and those of tracks that changed do not", "[frame_publisher]") {
  Rig rig;
  REQUIRE(rig.publisher->set_tracks(both()));
  rig.put(video, 0);
  rig.put(audio, 0);
  rig.put(video, 40);
  rig.put(video, 9'000'000);  // held: a jump or a stray
  REQUIRE(rig.publisher->set_tracks(both(1)));
  rig.put(video, 80, 1);
  CHECK(rig.count(Codec::h264) == 3);
  rig.put(video, 9'000'000, 1);
  CHECK(rig.count(Codec::h264) == 3);
  rig.publisher->finish();
  CHECK(rig.count(Codec::h264) == 4);
  CHECK(rig.tracks().at(0).generation == 1);
}

TEST_CASE("a track that is gone is told so, and one that comes later joins with its first frame", "[frame_publisher]") {
  Rig rig;
  rig.publisher->expect({.video = true, .audio = false});
  REQUIRE(rig.publisher->set_tracks({test::track(video, Codec::h264)}));
  rig.put(video, 0);
  REQUIRE(rig.publisher->set_tracks(both()));
  CHECK(rig.tracks().size() == 1);
  rig.put(audio, 40);
  CHECK(rig.tracks().size() == 2);
  REQUIRE(rig.publisher->set_tracks({test::track(audio, Codec::aac)}));
  rig.put(audio, 60);
  REQUIRE(rig.tracks().size() == 1);
  CHECK(rig.tracks()[0].id == audio);
}

TEST_CASE("a publisher whose tracks change all the time is refused, new ones are not changes", "[frame_publisher]") {
  Rig rig([](config::Vhost& vhost) { vhost.publish.max_track_changes = 2; });
  base::Result<void> said;
  std::uint32_t changes = 0;
  for (; changes < 100 && said; ++changes) said = rig.publisher->set_tracks(both(changes));
  REQUIRE_FALSE(said);
  CHECK(said.error() == session::Errc::tracks_change_too_often);
  CHECK(changes == 1 + 8 + 1);  // the first is none, four seconds' worth at once, and this one
}

TEST_CASE("complaints are counted", "[frame_publisher]") {
  Rig rig;
  for (int i = 0; i < 3; ++i) rig.publisher->complain("a packet of no codec");
  CHECK(rig.publisher->complaints() == 3);
}

TEST_CASE("a publisher of B-frames is told that WebRTC has no place for them", "[frame_publisher]") {
  const auto picture = [](std::int64_t ms, base::Ticks composition, std::vector<std::uint8_t> slice) {
    media::Frame frame = Rig::frame(video, ms);
    slice.insert(slice.begin(), {0, 0, 0, static_cast<std::uint8_t>(slice.size())});
    frame.key = slice[4] == 0x65;
    frame.composition = composition;
    frame.payload = base::SharedBytes::copy_of(slice);
    return frame;
  };
  const bool enabled = GENERATE(true, false), any = GENERATE(true, false);
  Rig rig([&](config::Vhost& vhost) { vhost.rtc.enabled = enabled; });
  REQUIRE(rig.publisher->set_tracks({test::track(video, Codec::h264)}));
  // 7.3.3: slice_type 5 (P) or 6 (B) behind first_mb_in_slice 0
  rig.publisher->put(picture(0, base::Ticks(3600), {0x65, 0x88, 0x80}));
  rig.publisher->put(picture(40, base::Ticks(7200), {0x41, 0x98, 0x80}));
  if (any) rig.publisher->put(picture(80, base::Ticks(0), {0x01, 0x9c, 0x80}));
  rig.publisher->finish();
  CHECK(rig.publisher->told_of_bidirectional() == (enabled && any));
}

// Each frame is large, so that whoever packages it takes some time.
TEST_CASE("what was held while tracks were waited for goes on a turn at a time, and in its order",
          "[frame_publisher][turn]") {
  Rig rig;
  REQUIRE(rig.publisher->set_tracks({test::track(video, Codec::h264)}));
  const auto large = base::SharedBytes::copy_of(base::Bytes(std::vector<std::uint8_t>(200'000)));
  constexpr std::uint64_t held = 60;
  for (std::uint64_t i = 0; i < held; ++i) {
    media::Frame one = Rig::frame(video, static_cast<std::int64_t>(40 * i));
    one.key = i == 0;
    one.payload = large;
    rig.publisher->put(std::move(one));
  }
  // By the length of the wait, or by the frames' own time: whichever came first, all are there in the end.
  rig.server.settle();
  rig.put(video, 40 * held);
  rig.server.settle();
  CHECK(rig.count(Codec::h264) == held + 1);
  // Tracks that change while some are still waiting do not overtake them.
  REQUIRE(rig.publisher->set_tracks({test::track(video, Codec::h264, 1)}));
  rig.put(video, 40 * (held + 1), 1);
  rig.server.settle();
  CHECK(rig.count(Codec::h264) == held + 2);
}

}  // namespace weir::test::frame_publisher_test
