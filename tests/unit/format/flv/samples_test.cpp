#include <map>

#include "base/clock_unwrap.h"
#include "format/flv/demuxer.h"
#include "format/flv/muxer.h"
#include "format/flv/script_data.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/placed_ingest.h"

namespace weir::test::samples_test {

using media::Codec;
using media::TrackId;

namespace {

struct Read {
  media::Tracks tracks;
  std::vector<media::FrameRef> frames;
  flv::Ingest::Counts counts;
};

Read ingest_file(const test::ByteVector& file) {
  flv::Demuxer demuxer;
  REQUIRE(demuxer.input(file).has_value());
  CHECK(demuxer.at_boundary());
  test::PlacedIngest ingest;
  base::MillisUnwrap clock;
  Read read;
  while (const auto tag = demuxer.poll()) {
    const auto result = ingest.input(tag->type, base::Millis(clock.unwrap(tag->timestamp_ms)), tag->body);
    CHECK(result.has_value());
    CHECK_FALSE(ingest.yield.unknown_parameters);
    for (auto& frame : ingest.frames) read.frames.push_back(frame);
  }
  read.tracks = ingest.ingest.tracks();
  read.counts = ingest.ingest.counts();
  return read;
}

std::map<TrackId, int> count_frames(const Read& read) {
  std::map<TrackId, int> counts;
  for (const auto& frame : read.frames) ++counts[frame->track];
  return counts;
}

}  // namespace

TEST_CASE("an FLV of H.264 and AAC becomes tracks and frames", "[flv]") {
  const auto file = test::test_file("flv/h264_aac.flv");
  REQUIRE(file.size() > 10'000);
  const Read read = ingest_file(file);
  REQUIRE(read.tracks.size() == 3);
  const auto& video = *read.tracks[0].parameters;
  CHECK(video.codec == Codec::h264);
  CHECK(video.width == 320);
  CHECK(video.height == 180);
  CHECK(video.frame_rate == 25);
  CHECK(video.profile == "High");
  CHECK(video.level == "1.2");
  CHECK(video.nal_length_bytes == 4);
  const auto& audio = *read.tracks[1].parameters;
  CHECK(audio.codec == Codec::aac);
  CHECK(audio.sample_rate == 44100);
  CHECK(audio.channels == 2);
  CHECK(audio.profile == "LC");
  CHECK(read.tracks[2].parameters->codec == Codec::script_data);

  auto frames = count_frames(read);
  CHECK(frames[TrackId::video] == 50);
  CHECK(frames[TrackId::audio] == 88);
  int keys = 0;
  for (const auto& frame : read.frames) keys += frame->track == TrackId::video && frame->key;
  CHECK(keys == 2);
  CHECK(read.counts.before_header == 0);
  CHECK(read.counts.malformed == 0);
}

TEST_CASE("an FLV of H.264 and MP3 becomes tracks and frames", "[flv]") {
  const Read read = ingest_file(test::test_file("flv/h264_mp3.flv"));
  REQUIRE(read.tracks.size() == 3);
  CHECK(read.tracks[0].parameters->profile == "Baseline(Constrained)");
  CHECK(read.tracks[0].parameters->width == 160);
  CHECK(read.tracks[0].parameters->height == 90);
  CHECK(read.tracks[1].parameters->codec == Codec::mp3);
  CHECK(read.tracks[1].parameters->sample_rate == 44100);
  CHECK(read.tracks[1].parameters->channels == 1);
  auto frames = count_frames(read);
  CHECK(frames[TrackId::video] == 10);
  CHECK(frames[TrackId::audio] == 40);
}

TEST_CASE("a payload is a slice of the message and not a copy", "[flv]") {
  flv::Demuxer demuxer;
  REQUIRE(demuxer.input(test::test_file("flv/h264_aac.flv")).has_value());
  test::PlacedIngest ingest;
  while (const auto tag = demuxer.poll()) {
    REQUIRE(ingest.input(tag->type, base::Millis(tag->timestamp_ms), tag->body).has_value());
    for (const auto& frame : ingest.frames) {
      CHECK(frame->payload.data() > tag->body.data());
      CHECK(frame->payload.data() + frame->payload.size() == tag->body.data() + tag->body.size());
    }
  }
}

TEST_CASE("what was read is written again byte by byte", "[flv]") {
  const auto file = test::test_file("flv/h264_aac.flv");
  flv::Demuxer demuxer;
  REQUIRE(demuxer.input(file).has_value());
  test::PlacedIngest ingest;
  std::map<TrackId, flv::BodyWriter> writers;
  int compared = 0;
  while (const auto tag = demuxer.poll()) {
    REQUIRE(ingest.input(tag->type, base::Millis(tag->timestamp_ms), tag->body).has_value());
    if (ingest.yield.tracks_changed) {
      writers.clear();
      for (const auto& track : ingest.ingest.tracks()) writers.emplace(track.id, flv::BodyWriter(track));
      if (tag->type != flv::TagType::script) {
        const auto id = tag->type == flv::TagType::video ? TrackId::video : TrackId::audio;
        CHECK(test::hex(writers.at(id).sequence_header()) == test::hex(tag->body));
        ++compared;
      }
    }
    for (const auto& frame : ingest.frames) {
      const auto& writer = writers.at(frame->track);
      base::Buffer room(flv::tag_bytes(writer, *frame));
      REQUIRE(flv::write_tag({room.data(), room.size()}, writer, *frame) == room.size());
      // The tag as it stands in the file; this one began at zero, so no time was moved.
      const test::ByteVector original(file.begin() + static_cast<std::ptrdiff_t>(tag->offset),
                                      file.begin() + static_cast<std::ptrdiff_t>(tag->offset + room.size()));
      CHECK(test::hex(room) == test::hex(original));
      ++compared;
    }
  }
  CHECK(compared == 50 + 88 + 2);
}

TEST_CASE("metadata is kept without the duration", "[flv]") {
  const Read read = ingest_file(test::test_file("flv/h264_aac.flv"));
  const auto data = flv::parse_script_data(read.tracks[2].parameters->extradata);
  REQUIRE(data.has_value());
  CHECK(data->name == "onMetaData");
  CHECK(data->value.number_at("width") == 320);
  CHECK(data->value.find("duration") == nullptr);
}

TEST_CASE("an FLV is read however its bytes are cut", "[flv]") {
  const auto whole = test::test_file("flv/h264_mp3.flv");
  const test::ByteVector file(whole.begin(), whole.begin() + 8000);
  const Read expected = [&] {
    flv::Demuxer demuxer;
    REQUIRE(demuxer.input(file).has_value());
    Read read;
    test::PlacedIngest ingest;
    while (const auto tag = demuxer.poll()) {
      (void)ingest.input(tag->type, base::Millis(tag->timestamp_ms), tag->body);
      for (auto& frame : ingest.frames) read.frames.push_back(frame);
    }
    return read;
  }();
  REQUIRE(expected.frames.size() > 2);
  struct Machine {
    flv::Demuxer demuxer;
    std::size_t bytes = 0;
    std::size_t tags = 0;
  };
  std::size_t tags = 0;
  test::feed_every_way(
      file, [] { return Machine(); },
      [](Machine& m, base::Bytes part) {
        REQUIRE(m.demuxer.input(part).has_value());
        while (const auto tag = m.demuxer.poll()) {
          ++m.tags;
          m.bytes += tag->body.size();
        }
      },
      [&](Machine& m) {
        if (tags == 0) tags = m.tags;
        CHECK(m.tags == tags);
        CHECK(m.demuxer.offset() == file.size());
      });
}

}  // namespace weir::test::samples_test
