#include "pack/entries.h"

#include "support/catch.h"

namespace weir::test::entries_test {

using media::Codec;
using media::TrackId;

namespace {

media::Track track(TrackId id, Codec codec) {
  media::CodecParameters parameters;
  parameters.codec = codec;
  return {id, 0, std::make_shared<const media::CodecParameters>(parameters)};
}

media::Frame video(std::int64_t ms, bool key) {
  return {.track = TrackId::video, .codec = Codec::h264, .dts = base::Millis(ms), .key = key};
}
media::Frame audio(std::int64_t ms) {
  return {.track = TrackId::audio, .codec = Codec::aac, .dts = base::Millis(ms), .key = true};
}

pack::Entries both() {
  pack::Entries entries;
  entries.set_tracks({track(TrackId::video, Codec::h264), track(TrackId::audio, Codec::aac)},
                     [](TrackId) { return true; });
  return entries;
}

}  // namespace

TEST_CASE("newcomers start on key frames while there is video, and on sound while it is silent", "[pack]") {
  pack::Entries entries = both();
  const std::int64_t hour = 3'600'000;  // a clock that goes on behind the last publisher
  CHECK_FALSE(entries.begins(audio(hour), false));
  CHECK(entries.begins(video(hour + 10, true), false));
  CHECK_FALSE(entries.begins(video(hour + 50, false), false));
  CHECK_FALSE(entries.begins(audio(hour + 2000), false));
  CHECK(entries.begins(audio(hour + 3100), false));
  CHECK_FALSE(entries.begins(audio(hour + 3600), false));
  CHECK(entries.begins(audio(hour + 4100), false));
  CHECK(entries.begins(video(hour + 5000, true), false));  // the camera is on again
  CHECK_FALSE(entries.begins(audio(hour + 6500), false));
}

TEST_CASE("the stream knows of a silent video before a packager that was just made", "[pack]") {
  pack::Entries entries = both();
  CHECK_FALSE(entries.begins(audio(0), false));
  CHECK(entries.begins(audio(20), true));
  CHECK_FALSE(entries.begins(video(40, false), true));
}

TEST_CASE("newcomers start on sound where the video never has a key frame", "[pack]") {
  pack::Entries entries = both();
  bool any = false;
  std::int64_t first = 0;
  for (std::int64_t at = 0; at < 12'000 && !any; at += 40) {
    CHECK_FALSE(entries.begins(video(at, false), false));
    any = entries.begins(audio(at + 10), false);
    first = at;
  }
  CHECK(any);
  CHECK(first >= 9'900);
  CHECK(first <= 10'100);
}

}  // namespace weir::test::entries_test
