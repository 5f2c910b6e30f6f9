#include "session/hls/vod.h"

#include "format/flv/body_writer.h"
#include "format/flv/muxer.h"
#include "format/flv/script_data.h"
#include "format/mp4/movie.h"
#include "format/mp4/reader.h"
#include "format/ts/demuxer.h"
#include "session/hls/vod_file.h"
#include "support/catch.h"
#include "support/playlist_validator.h"
#include "unit/app/record/test_folder.h"
#include "unit/session/hls/frames.h"

namespace weir::test::vod_test {

using session::hls::vod_path_of, session::hls::VodErrc, session::hls::VodFile, session::hls::VodFormat,
    session::hls::VodPath;

namespace {

using VodWhat = VodPath::What;

std::string mp4_film(const std::vector<media::Frame>& frames, const media::Tracks& tracks) {
  mp4::MovieWriter writer(tracks);
  base::Buffer out;
  writer.begin(out);
  for (const media::Frame& frame : frames) REQUIRE(writer.add(frame, out));
  auto end = writer.finish();
  REQUIRE(end.has_value());
  std::copy(end->data_box_head.data(), end->data_box_head.data() + end->data_box_head.size(),
            out.data() + end->patch_at);
  out.append(end->moov);
  return std::string(base::as_text(out.bytes()));
}

std::vector<media::Frame> film_frames(const test::Pattern& pattern) {
  std::vector<media::Frame> frames;
  test::feed(pattern, [&](const media::Frame& frame) { frames.push_back(frame); });
  return frames;
}

std::shared_ptr<const http::File> opened_file(const test::Folder& folder, const std::string& name,
                                              const std::string& content) {
  folder.write(name, content);
  auto opened = http::File::open_beneath(folder.path, name);
  REQUIRE(opened.file);
  return opened.file;
}

// What a player reads of it, from the first segment to the last.
mp4::Movie played(const VodFile& film, const http::File& file) {
  mp4::Reader reader;
  REQUIRE(reader.input(film.init()).has_value());
  for (std::size_t i = 0; i < film.segments().size(); ++i) {
    const auto segment = film.segment(file, i, VodFormat::fmp4);
    REQUIRE(segment.has_value());
    REQUIRE(reader.input(*segment).has_value());
  }
  auto movie = reader.finish();
  REQUIRE(movie.has_value());
  return *std::move(movie);
}

const mp4::MovieTrack& track_of_kind(const mp4::Movie& movie, media::Kind kind) {
  for (const auto& track : movie.tracks) {
    if (track.head.kind == kind) return track;
  }
  FAIL("no such track");
  return movie.tracks.front();
}

std::string flv_film(int seconds, bool indexed) {
  base::Buffer body;
  flv::append_tag(body, flv::TagType::video, {},
                  test::bytes("17 00 000000 01 42001e ff e1 0004 6742001e 01 0004 68ce3c80"));
  flv::append_tag(body, flv::TagType::audio, {}, test::bytes("af 00 12 10"));
  std::vector<amf0::Value> times, positions;
  std::vector<std::size_t> keys;
  for (int i = 0; i < seconds * 25; ++i) {
    const bool key = i % 50 == 0;
    if (key) {
      times.emplace_back(i * 0.04);
      keys.push_back(body.size());
    }
    flv::append_tag(body, flv::TagType::video, base::Millis(i * 40),
                    test::bytes(key ? "17 01 000000 00000004 65555555" : "27 01 000000 00000004 41555555"));
    flv::append_tag(body, flv::TagType::audio, base::Millis(i * 40 + 5), test::bytes("af 01 21 10 04 60 8c 1c"));
  }
  const auto metadata = [&](std::size_t shift) {
    positions.clear();
    for (const std::size_t key : keys) positions.emplace_back(static_cast<double>(key + shift));
    flv::ScriptData data{"onMetaData", amf0::Value::ecma_array()};
    data.value.set("duration", static_cast<double>(seconds));
    if (indexed) {
      amf0::Value index = amf0::Value::object();
      index.set("times", amf0::Value::strict_array(times));
      index.set("filepositions", amf0::Value::strict_array(positions));
      data.value.set("keyframes", std::move(index));
    }
    base::Buffer tag;
    flv::append_tag(tag, flv::TagType::script, {}, flv::write_script_data(data));
    return tag;
  };
  base::Buffer out(flv::prologue_bytes);
  flv::write_prologue({out.data(), out.size()}, flv::FileHeader{});
  out.append(metadata(flv::prologue_bytes + metadata(0).size()));
  out.append(body);
  return std::string(base::as_text(out.bytes()));
}

}  // namespace

TEST_CASE("a path names a recording, its beginning or a segment of it, or none of these", "[hls][vod]") {
  struct Row {
    const char* path;
    const char* file;
    VodWhat what;
    std::uint64_t number;
  };
  for (const Row& row : {Row{"/live/a.1.mp4.m3u8", "/live/a.1.mp4", VodWhat::playlist, 0},
                         Row{"/a.flv.m3u8", "/a.flv", VodWhat::playlist, 0},
                         Row{"/live/a.mp4-init.mp4", "/live/a.mp4", VodWhat::init, 0},
                         Row{"/live/a-2.flv-17.m4s", "/live/a-2.flv", VodWhat::segment, 17},
                         Row{"/live/a-2.flv-17.ts", "/live/a-2.flv", VodWhat::segment, 17}}) {
    INFO(row.path);
    const auto found = vod_path_of(row.path);
    REQUIRE(found);
    CHECK(found->file == row.file);
    CHECK(found->what == row.what);
    CHECK(found->number == row.number);
    CHECK((found->format == VodFormat::ts) == std::string_view(row.path).ends_with(".ts"));
  }
  for (const char* other : {"", "/", "/live/a.m3u8", "/live/.mp4.m3u8", "/live/a.ts.m3u8", "/live/a.mp4",
                            "/live/a-1.m4s", "/live/a.mp4-.m4s", "/live/a.mp4--1.m4s",
                            "/live/a.mp4-99999999999999999999.m4s", "/x.mp4/a.m3u8", "live/a.mp4.m3u8"}) {
    INFO(other);
    CHECK_FALSE(vod_path_of(other));
  }
}

TEST_CASE("an MP4 is cut at key frames, and all of it comes back in its time", "[hls][vod]") {
  const bool video = GENERATE(true, false);
  test::Folder folder;
  media::Tracks tracks;
  if (video) tracks.push_back(test::h264_track());
  tracks.push_back(test::aac_track());
  const auto frames = film_frames({.to_ms = 31'000, .gop_ms = 2400, .video = video});
  const auto file = opened_file(folder, "a.mp4", mp4_film(frames, tracks));
  const auto film = session::hls::open_vod(*file);
  REQUIRE(film.has_value());
  REQUIRE((*film)->segments().size() >= 4);
  CHECK((*film)->independent());
  base::Ticks at = (*film)->segments().front().start;
  for (const auto& segment : (*film)->segments()) {
    CHECK(segment.start == at);
    at += segment.duration;
    if (&segment != &(*film)->segments().back()) CHECK(segment.duration >= VodFile::target);
    CHECK(segment.duration <= VodFile::target + std::chrono::milliseconds(2400));
  }
  const mp4::Movie movie = played(**film, *file);
  REQUIRE(movie.tracks.size() == tracks.size());
  const auto count = [&](media::Codec codec) {
    return static_cast<std::size_t>(std::ranges::count(frames, codec, &media::Frame::codec));
  };
  CHECK(track_of_kind(movie, media::Kind::audio).samples.size() == count(media::Codec::aac));
  if (!video) return;
  const auto& pictures = track_of_kind(movie, media::Kind::video);
  REQUIRE(pictures.samples.size() == count(media::Codec::h264));
  for (std::size_t i = 1; i < pictures.samples.size(); ++i) {  // no gap and no overlap, over segments as well
    CHECK(pictures.samples[i].dts == pictures.samples[i - 1].dts + pictures.samples[i - 1].duration);
  }
}

TEST_CASE("sound of an MP4 that begins later than its pictures does so in segments", "[hls][vod]") {
  test::Folder folder;
  auto frames = film_frames({.to_ms = 13'000, .gop_ms = 2000});
  std::erase_if(frames, [](const media::Frame& frame) {
    return frame.codec == media::Codec::aac && frame.dts < std::chrono::milliseconds(500);
  });
  const auto file = opened_file(folder, "a.mp4", mp4_film(frames, {test::h264_track(), test::aac_track()}));
  const auto film = session::hls::open_vod(*file);
  REQUIRE(film.has_value());
  const mp4::Movie movie = played(**film, *file);
  const auto begin = [&](media::Kind kind) {
    const auto& track = track_of_kind(movie, kind);
    return static_cast<double>(track.samples.front().dts) / track.head.timescale;
  };
  const double late = begin(media::Kind::audio) - begin(media::Kind::video);
  CHECK(late > 0.49);
  CHECK(late < 0.53);
}

TEST_CASE("an FLV is cut by the list of its key frames, or without it where it is small", "[hls][vod]") {
  const bool indexed = GENERATE(true, false);
  test::Folder folder;
  const auto file = opened_file(folder, "a.flv", flv_film(21, indexed));
  const auto film = session::hls::open_vod(*file);
  REQUIRE(film.has_value());
  REQUIRE((*film)->segments().size() == 4);  // of 6, 6, 6 and 3 s
  CHECK((*film)->segments()[1].start == base::Ticks(std::chrono::seconds(6)));
  CHECK((*film)->longest() == base::Ticks(std::chrono::seconds(6)));
  const mp4::Movie movie = played(**film, *file);
  const auto& pictures = track_of_kind(movie, media::Kind::video);
  CHECK(pictures.samples.size() == 21 * 25);
  CHECK(track_of_kind(movie, media::Kind::audio).samples.size() == 21 * 25);
  for (std::size_t i = 1; i < pictures.samples.size(); ++i) {
    CHECK(pictures.samples[i].dts == pictures.samples[i - 1].dts + pictures.samples[i - 1].duration);
  }
  for (std::size_t i = 0; i < pictures.samples.size(); ++i) CHECK(pictures.samples[i].key == (i % 50 == 0));
  CHECK((*film)->segment(*file, 4, VodFormat::ts).error() == VodErrc::damaged);
}

TEST_CASE("segments of a transport stream follow one another though each is made alone", "[hls][vod]") {
  Folder folder;
  const auto frames = film_frames({.to_ms = 20'000, .gop_ms = 2000});
  const auto file = opened_file(folder, "a.mp4", mp4_film(frames, {h264_track(), aac_track()}));
  const auto film = session::hls::open_vod(*file);
  REQUIRE(film.has_value());
  CHECK((*film)->format() == VodFormat::ts);
  ts::Demuxer demuxer;
  std::vector<base::Ticks> times;
  const auto take = [&] {
    while (const auto unit = demuxer.poll()) {
      if (unit->frame->codec == media::Codec::aac) times.push_back(unit->frame->dts);
    }
  };
  for (std::size_t i = 0; i < (*film)->segments().size(); ++i) {
    const auto segment = (*film)->segment(*file, i, VodFormat::ts);
    REQUIRE(segment.has_value());
    CHECK(segment->size() % 188 == 0);
    demuxer.input(*segment);
    take();
  }
  demuxer.finish();
  take();
  for (const auto& count : demuxer.counts()) CHECK(count.damaged_units + count.malformed == 0);
  CHECK(times.size() == static_cast<std::size_t>(std::ranges::count(frames, media::Codec::aac, &media::Frame::codec)));
  for (std::size_t i = 1; i < times.size(); ++i) {  // of 1024 samples, told every 23 ms
    const base::Ticks step = times[i] - times[i - 1];
    CHECK(step > base::Ticks(1900));
    CHECK(step < base::Ticks(2300));
  }
}

TEST_CASE("the playlist of a recording keeps the rules and names what there is", "[hls][vod]") {
  test::Folder folder;
  const auto file = opened_file(folder, "a b.flv", flv_film(21, true));
  const auto film = session::hls::open_vod(*file);
  REQUIRE(film.has_value());
  const std::string text = session::hls::vod_playlist(**film, {"a b.flv", "hls_ctx=x&token=y"});
  INFO(text);
  const auto checked = test::validate_playlist(text);
  for (const auto& fault : checked.faults) FAIL_CHECK(fault);
  REQUIRE(checked.playlist.segments.size() == 4);
  CHECK(checked.playlist.segments[3].uri == "a%20b.flv-3.ts?hls_ctx=x&token=y");
  CHECK(text.find("#EXT-X-MAP") == std::string::npos);
  CHECK(text.find("#EXT-X-PLAYLIST-TYPE:VOD\n") != std::string::npos);
  CHECK(text.find("#EXT-X-INDEPENDENT-SEGMENTS\n") != std::string::npos);
  CHECK(text.ends_with("#EXT-X-ENDLIST\n"));
}

TEST_CASE("a file that is cut off or none is refused, or gives what it has", "[hls][vod]") {
  test::Folder folder;
  for (const std::string& content :
       {std::string(), std::string("FLV"), std::string(5000, 'x'), std::string("    ftypisom")}) {
    CHECK_FALSE(session::hls::open_vod(*opened_file(folder, "x", content)).has_value());
  }
  const std::string flv = flv_film(8, true);
  const std::string mp4 = mp4_film(film_frames({.to_ms = 8'000}), {test::h264_track(), test::aac_track()});
  for (const std::string* whole : {&flv, &mp4}) {
    for (std::size_t size = 0; size < whole->size(); size += 1 + whole->size() / 60) {
      const auto file = opened_file(folder, "cut", whole->substr(0, size));
      const auto film = session::hls::open_vod(*file);
      if (!film) continue;
      for (std::size_t i = 0; i < (*film)->segments().size(); ++i)
        (void)(*film)->segment(*file, i, i % 2 == 0 ? VodFormat::ts : VodFormat::fmp4);
    }
  }
  // Positions that lie.
  std::string lying = flv;
  const auto at = lying.find("filepositions");
  REQUIRE(at != std::string::npos);
  for (std::size_t i = at + 20; i < at + 60; i += 3) {
    lying[i] = '\x7f';
    const auto file = opened_file(folder, "lying", lying);
    const auto film = session::hls::open_vod(*file);
    if (!film) continue;
    for (std::size_t k = 0; k < (*film)->segments().size(); ++k) (void)(*film)->segment(*file, k, VodFormat::ts);
  }
}

}  // namespace weir::test::vod_test
