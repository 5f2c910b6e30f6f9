#include "hub/in_step.h"

#include <string>

#include "hub/track_view.h"
#include "support/catch.h"
#include "unit/hub/text_packager.h"

namespace weir::test::in_step_test {

using namespace std::chrono_literals;

namespace {

struct Bench {
  void picture(int at) { put(at, media::TrackId::video, false); }
  void sound(int at) { put(at, hub::derived_track, true); }
  void put(int at, media::TrackId track, bool derived) {
    const auto frame = std::make_shared<const media::Frame>(media::Frame{.track = track, .dts = 1ms * at});
    in_step.put(frame, false, derived, [this](const media::FrameRef& one, bool) { note(*one); });
  }
  void flush() {
    in_step.flush([this](const media::FrameRef& one, bool) { note(*one); });
  }
  void note(const media::Frame& frame) {
    out += (frame.track == media::TrackId::video ? "v" : "a") + std::to_string(base::to_millis(frame.dts)) + " ";
  }
  std::string take() { return std::exchange(out, {}); }

  hub::InStep in_step;
  std::string out;
};

}  // namespace

TEST_CASE("pictures wait for the sound that is made for their time", "[hub]") {
  Bench bench;
  bench.picture(0);
  CHECK(bench.take() == "v0 ");  // nothing is made yet
  bench.sound(0);
  CHECK(bench.take() == "a0 ");
  bench.picture(40);
  bench.picture(80);
  CHECK(bench.take().empty());
  bench.sound(20);
  bench.sound(42);
  CHECK(bench.take() == "a20 v40 a42 ");
  bench.flush();
  CHECK(bench.take() == "v80 ");
}

TEST_CASE("where the sound stops, pictures go on", "[hub]") {
  Bench bench;
  bench.sound(0);
  for (int at = 40; at <= 400; at += 40) bench.picture(at);
  CHECK(bench.take() == "a0 ");
  bench.picture(480);
  CHECK(bench.take() == "v40 v80 v120 v160 v200 v240 v280 v320 v360 v400 v480 ");
  bench.picture(520);
  CHECK(bench.take() == "v520 ");
  bench.sound(500);  // and in step again with the next
  bench.picture(560);
  CHECK(bench.take() == "a500 ");
}

TEST_CASE("the main sound is the one that suits, and neither is seen twice", "[hub]") {
  media::Tracks tracks = test::picture_and_sound();
  auto opus = std::make_shared<media::CodecParameters>();
  opus->codec = media::Codec::opus;
  const std::optional<media::Track> derived = media::Track{hub::derived_track, 3, opus};
  const auto of_calls = [](media::Codec codec) {
    return codec == media::Codec::opus ? hub::Fit::good : hub::Fit::none;
  };
  hub::TrackView view;
  const media::Tracks told = view.choose(tracks, derived, of_calls);
  REQUIRE(told.size() == 2);
  CHECK(told[1].id == media::TrackId::audio);
  CHECK(told[1].parameters->codec == media::Codec::opus);
  CHECK(told[1].generation != tracks[1].generation);
  CHECK(view.hides({.track = media::TrackId::audio}));
  const auto frame = std::make_shared<const media::Frame>(media::Frame{.track = hub::derived_track});
  CHECK_FALSE(view.hides(*frame));
  CHECK(view.show(frame)->track == media::TrackId::audio);
  // The right to start there passes to the sound that is seen.
  CHECK_FALSE(view.entry({.track = media::TrackId::audio}, true));
  CHECK(view.entry(*frame, false));
  CHECK_FALSE(view.entry(*frame, false));
  // Without it, or where the original does, all is as it came.
  CHECK(view.choose(tracks, derived, hub::usual_fit)[1].parameters->codec == media::Codec::aac);
  CHECK(view.hides(*frame));
  CHECK_FALSE(view.hides({.track = media::TrackId::audio}));
}

}  // namespace weir::test::in_step_test
