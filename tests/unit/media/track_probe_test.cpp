#include "media/track_probe.h"

#include "support/catch.h"

namespace weir::test::track_probe_test {

using namespace std::chrono_literals;
using media::Codec;
using media::FrameRef;
using media::Track;
using media::TrackId;
using media::TrackProbe;

namespace {

Track track(TrackId id, Codec codec, std::uint32_t generation = 0) {
  media::CodecParameters parameters;
  parameters.codec = codec;
  return {id, generation, std::make_shared<const media::CodecParameters>(parameters)};
}
const Track video = track(TrackId::video, Codec::h264), audio = track(TrackId::audio, Codec::aac),
            script = track(TrackId::data, Codec::script_data), second = track(TrackId{3}, Codec::aac);

FrameRef frame(const Track& of, std::int64_t ms, bool key = false) {
  return std::make_shared<media::Frame>(
      media::Frame{.track = of.id, .codec = of.parameters->codec, .dts = base::Millis(ms), .key = key});
}

// What comes out, as text: "[va]" for tracks, "v40" for a frame.
struct Run {
  TrackProbe probe{TrackProbe::Options{}};

  std::string taken() {
    static const auto letter = [](TrackId id) { return "vad23"[static_cast<int>(id) == 3 ? 4 : static_cast<int>(id)]; };
    std::string text;
    TrackProbe::Step step;
    while (probe.poll(step)) {
      if (step.tracks_changed) {
        text += '[';
        for (const Track& one : probe.tracks()) text += letter(one.id);
        text += "] ";
      }
      if (step.frame) {
        text += letter(step.frame->track);
        text += std::to_string(base::to_millis(step.frame->dts)) + " ";
      }
    }
    return text;
  }
  std::string put(const Track& of, std::int64_t ms) {
    probe.put(frame(of, ms));
    return taken();
  }
};

}  // namespace

TEST_CASE("a stream begins when both kinds have come, with every frame", "[probe]") {
  Run run;
  run.probe.set_tracks({video, script});
  CHECK(run.taken().empty());
  CHECK(run.put(video, 0).empty());
  CHECK(run.put(video, 40).empty());
  run.probe.set_tracks({video, audio, script});  // the header of a track is not yet the track
  CHECK(run.put(video, 80).empty());
  CHECK(run.put(audio, 70) == "[vad] v0 v40 v80 a70 ");
  CHECK(run.put(video, 120) == "v120 ");
  CHECK_FALSE(run.probe.holding());
}

TEST_CASE("the wait for a track is bounded in time, in bytes, and by the caller", "[probe]") {
  Run run;
  run.probe.set_tracks({video, audio});
  SECTION("by the frames' time") {
    for (int at = 0; at < 1000; at += 40) CHECK(run.put(video, at).empty());
    CHECK(run.put(video, 1000).starts_with("[v] v0 v40 "));
    CHECK(run.probe.silent().size() == 1);
    CHECK(run.put(audio, 1010) == "[va] a1010 ");  // it joins with its first frame
    CHECK(run.probe.silent().empty());
  }
  SECTION("by a jump back of the publisher's own clock") {
    CHECK(run.put(video, 5000).empty());
    CHECK(run.put(video, 100) == "[v] v5000 v100 ");
  }
  SECTION("by the caller") {
    run.put(video, 0);
    run.probe.release();
    CHECK(run.taken() == "[v] v0 ");
  }
  SECTION("by bytes") {
    Run small{.probe = TrackProbe({.most_bytes = 0})};
    small.probe.set_tracks({video});
    auto large = std::make_shared<media::Frame>(*frame(video, 0));
    large->payload = base::SharedBytes::copy_of(base::as_bytes("x"));
    small.probe.put(std::move(large));
    CHECK(small.put(video, 40) == "[v] v0 v40 ");
  }
}

TEST_CASE("what metadata denies is not waited for", "[probe]") {
  Run run;
  run.probe.set_tracks({video, script});
  run.probe.expect({.video = true, .audio = false});
  CHECK(run.put(video, 0) == "[vd] v0 ");
  Run radio;
  radio.probe.expect({.video = false, .audio = true});
  radio.probe.set_tracks({audio});
  CHECK(radio.put(audio, 0) == "[a] a0 ");
}

TEST_CASE("a track that was announced and sends nothing is none", "[probe]") {
  Run run;
  run.probe.set_tracks({video, audio});
  for (int at = 0; at < 1040; at += 40) run.put(audio, at);
  CHECK(run.probe.tracks().size() == 1);
  CHECK(run.probe.tracks()[0].id == TrackId::audio);
  run.probe.set_tracks({track(TrackId::video, Codec::h264, 1), audio});  // another header is still no frame
  CHECK(run.put(audio, 1040) == "a1040 ");
}

TEST_CASE("each announced track is waited for, and a change of one that is held is told in order", "[probe]") {
  Run run;
  run.probe.set_tracks({video, audio, second});
  CHECK(run.put(video, 0).empty());
  CHECK(run.put(audio, 0).empty());
  const media::Tracks changed{track(TrackId::video, Codec::h264, 1), audio, second};
  CHECK(run.probe.replaces(changed));
  CHECK_FALSE(run.probe.replaces({video, audio, second, script}));
  run.probe.release();
  CHECK(run.taken() == "[va] v0 a0 ");
  run.probe.set_tracks(changed);
  CHECK(run.put(video, 40) == "[va] v40 ");
  CHECK(run.put(second, 50) == "[va3] 350 ");
}

TEST_CASE("data waits for the media that it belongs to", "[probe]") {
  Run run;
  run.probe.set_tracks({script});
  CHECK(run.put(script, 0).empty());
  run.probe.set_tracks({video, script});
  run.probe.expect({.video = true, .audio = false});
  CHECK(run.put(video, 10) == "[vd] d0 v10 ");
}

}  // namespace weir::test::track_probe_test
