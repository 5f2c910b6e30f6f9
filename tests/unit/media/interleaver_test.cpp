#include "media/interleaver.h"

#include <string>

#include "support/catch.h"

namespace weir::test::interleaver_test {

using media::Codec;
using media::Interleaver;
using media::TrackId;

namespace {

media::FrameRef frame(Codec codec, TrackId track, int ms) {
  auto made = std::make_shared<media::Frame>();
  made->codec = codec;
  made->track = track;
  made->dts = base::Millis(ms);
  return made;
}

std::string name(const media::FrameRef& frame) {
  return (frame->track == TrackId::video ? "v" : "a") + std::to_string(base::to_millis(frame->dts));
}

// What comes out after each frame that goes in, and at the end.
std::string order(const std::vector<media::FrameRef>& frames) {
  Interleaver interleaver;
  std::string text;
  for (const auto& in : frames) {
    interleaver.put(in);
    while (const auto out = interleaver.take()) text += name(out) + " ";
  }
  text += "| ";
  while (const auto out = interleaver.flush()) text += name(out) + " ";
  return text;
}

media::FrameRef video(int ms) { return frame(Codec::h264, TrackId::video, ms); }
media::FrameRef audio(int ms) { return frame(Codec::aac, TrackId::audio, ms); }

}  // namespace

TEST_CASE("audio and video that come in turns leave in the order of time", "[interleaver]") {
  CHECK(order({video(0), video(40), video(80), audio(5), audio(28), audio(51), audio(90)}) ==
        "v0 a5 a28 v40 a51 v80 | a90 ");
}

TEST_CASE("one kind alone is held back by ten frames and no more", "[interleaver]") {
  std::vector<media::FrameRef> frames;
  for (int i = 0; i < 12; ++i) frames.push_back(video(i * 40));
  CHECK(order(frames) == "v0 v40 v80 | v120 v160 v200 v240 v280 v320 v360 v400 v440 ");
}

TEST_CASE("frames of one track keep their order, even if their times go back", "[interleaver]") {
  CHECK(order({video(100), video(50), audio(60)}) == "v100 v50 | a60 ");
}

}  // namespace weir::test::interleaver_test
