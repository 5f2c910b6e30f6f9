#include "format/mp4/fragmenter.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "format/mp4/movie.h"
#include "format/mp4/reader.h"
#include "format/mp4/sample_entry.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::fragment_test {

using namespace weir::mp4;
using media::TrackId;
using test::bytes;

namespace {

// Fragments that begin with each key frame of the video, or each second.
test::ByteVector fragmented(const test::MediaFile& file) {
  Fragmenter fragmenter(file.tracks);
  std::vector<base::SharedBytes> segments;
  for (const auto& frame : file.frames) {
    const bool video = media::kind_of(frame->codec) == media::Kind::video;
    const bool due = video ? frame->key : fragmenter.end() - fragmenter.begin() > std::chrono::milliseconds(1500);
    if (!fragmenter.empty() && due) segments.push_back(fragmenter.cut(frame.get()));
    fragmenter.add(*frame);
  }
  segments.push_back(fragmenter.cut());
  const auto init = fragmenter.init();
  REQUIRE(init.has_value());
  test::ByteVector out(init->bytes().begin(), init->bytes().end());
  for (const auto& segment : segments) out.insert(out.end(), segment.bytes().begin(), segment.bytes().end());
  return out;
}

Movie read(base::Bytes file) {
  Reader reader;
  REQUIRE(reader.input(file).has_value());
  auto movie = reader.finish();
  REQUIRE(movie.has_value());
  return *movie;
}

test::ByteVector fast_start(base::Bytes file) {
  const auto plan = plan_fast_start(read(file));
  REQUIRE(plan.has_value());
  test::ByteVector out(plan->head.bytes().begin(), plan->head.bytes().end());
  for (const Range& range : plan->ranges) {
    const auto part = file.subspan(range.offset, range.size);
    out.insert(out.end(), part.begin(), part.end());
  }
  CHECK(out.size() == plan->head.size() + plan->data_bytes);
  return out;
}

test::ByteVector regular(const test::MediaFile& file) {
  MovieWriter writer(file.tracks);
  base::Buffer out;
  writer.begin(out);
  for (const auto& frame : file.frames) writer.add(*frame, out);
  const auto end = writer.finish();
  REQUIRE(end.has_value());
  std::copy_n(end->data_box_head.data(), end->data_box_head.size(), out.data() + end->patch_at);
  out.append(end->moov);
  return {out.bytes().begin(), out.bytes().end()};
}

// Each sample is where the file says, and has its frame's bytes and times from `start` on.
void compare(const Movie& movie, base::Bytes file, const test::MediaFile& given, bool from_zero) {
  std::size_t at = 0;
  for (const auto& track : given.tracks) {
    if (!can_carry(track.parameters->codec)) continue;
    const auto frames = given.of(track.id);
    REQUIRE(at < movie.tracks.size());
    const MovieTrack& seen = movie.tracks[at++];
    REQUIRE(seen.samples.size() == frames.size());
    const auto entry = parse_sample_entry(seen.sample_entry);
    REQUIRE(entry.has_value());
    CHECK(entry->codec == track.parameters->codec);
    const bool video = media::kind_of(entry->codec) == media::Kind::video;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const Sample& sample = seen.samples[i];
      REQUIRE(std::ranges::equal(file.subspan(sample.offset, sample.size), frames[i]->payload.bytes()));
      REQUIRE(sample.key == (frames[i]->key || !video));
      const std::int64_t dts = frames[i]->dts.count() - (from_zero ? frames[0]->dts.count() : 0);
      const std::int64_t told = sample.dts * 90'000 / seen.head.timescale;
      // Video to the tick; audio where its samples say, within the rounding of FLV.
      REQUIRE(std::abs(told - dts) <= (video ? 0 : 180));
      if (video) REQUIRE(sample.composition == frames[i]->composition.count());
    }
  }
  CHECK(at == movie.tracks.size());
}

void compare_probed(const std::vector<test::ProbedPacket>& seen, const test::MediaFile& given) {
  for (const bool video : {true, false}) {
    const auto frames = given.of(video ? TrackId::video : TrackId::audio);
    std::size_t i = 0;
    for (const auto& packet : seen) {
      if (packet.video != video) continue;
      REQUIRE(i < frames.size());
      const std::int64_t pts = (frames[i]->dts + frames[i]->composition).count();
      REQUIRE(std::abs(packet.pts - pts) <= (video ? 1 : 180));
      REQUIRE(std::abs(packet.dts - frames[i]->dts.count()) <= (video ? 1 : 180));
      ++i;
    }
    REQUIRE(i == frames.size());
  }
}

}  // namespace

TEST_CASE("a fragment is written byte by byte", "[mp4]") {
  media::CodecParameters parameters{.codec = media::Codec::h264, .extradata = base::SharedBytes::copy_of(bytes("01"))};
  Fragmenter fragmenter(
      {{.id = TrackId::video, .parameters = std::make_shared<const media::CodecParameters>(parameters)}});
  const auto frame = [](std::int64_t dts, std::int64_t composition, std::string_view payload, bool key) {
    return media::Frame{.track = TrackId::video,
                        .codec = media::Codec::h264,
                        .dts = base::Ticks(dts),
                        .composition = base::Ticks(composition),
                        .key = key,
                        .payload = base::SharedBytes::copy_of(bytes(payload))};
  };
  CHECK(fragmenter.add(frame(0x1'0000'0000, 7200, "aabb", true)));
  CHECK(fragmenter.add(frame(0x1'0000'0e10, -3600, "cc", false)));
  CHECK(fragmenter.independent());
  const auto next = frame(0x1'0000'1c20, 0, "dd", true);
  const auto segment = fragmenter.cut(&next);
  CHECK(test::hex(segment) ==
        test::hex(bytes("00000018 73747970 6d736468 00000000 6d736468 636d6673"
                        "00000074 6d6f6f66"
                        "00000010 6d666864 00000000 00000001"  // sequence 1
                        "0000005c 74726166"
                        "00000018 74666864 00020028 00000001 00000e10 01010000"  // duration 3600, not a key
                        "00000014 74666474 01000000 0000000100000000"            // 64-bit dts
                        "00000028 7472756e 01000a05 00000002 0000007c 02000000"  // offset, first is a key
                        "00000002 00001c20 00000001 fffff1f0"                    // sizes and offsets
                        "0000000b 6d646174 aabbcc")));
  CHECK(fragmenter.empty());
  CHECK(fragmenter.cut().empty());
}

TEST_CASE("fragments are read back with bytes and times", "[mp4]") {
  for (const std::string name : {"flv/h264_aac.flv", "flv/h264_mp3.flv"}) {
    const auto given = test::read_flv(name);
    const auto file = fragmented(given);
    compare(read(file), file, given, false);
    if (test::has_ffprobe()) compare_probed(test::probe(file, "mp4"), given);
  }
}

// A copy of 20 MB when a segment ends would hold the worker for 20 ms.
TEST_CASE("a large fragment has its video in place when it ends", "[mp4]") {
  auto given = test::read_flv("flv/h264_aac.flv");
  std::uint8_t letter = 0;
  for (auto& frame : given.frames) {
    if (frame->track != TrackId::video) continue;
    auto larger = *frame;
    larger.payload = base::SharedBytes::copy_of(test::ByteVector(60'000, ++letter));
    frame = std::make_shared<const media::Frame>(larger);
  }
  const bool holds = GENERATE(false, true);
  const std::size_t most = GENERATE(as<std::size_t>{}, 3, 5, 20, 1000);  // frames in a fragment
  Fragmenter fragmenter(given.tracks);
  test::ByteVector media;
  const auto cut = [&](const media::Frame* next) {
    const bool other = holds && next && next->track != TrackId::video;
    const auto out = fragmenter.cut({.next = next, .hold = other});
    media.insert(media.end(), out.bytes().begin(), out.bytes().end());
    if (out.size() > 2 * Fragmenter::small_bytes) CHECK(fragmenter.copied_late() < 60'000);
  };
  for (const auto& frame : given.frames) {
    if (fragmenter.samples() >= most) cut(frame.get());
    REQUIRE(fragmenter.add(*frame));
  }
  cut(nullptr);
  const auto init = fragmenter.init();
  REQUIRE(init.has_value());
  test::ByteVector file(init->bytes().begin(), init->bytes().end());
  file.insert(file.end(), media.begin(), media.end());
  compare(read(file), file, given, false);
}

TEST_CASE("codecs of a transport stream go into fragments", "[mp4]") {
  for (const std::string name : {"ts/hevc_opus.ts", "ts/ac3.ts", "ts/eac3.ts", "ts/latm.ts"}) {
    INFO(name);
    const auto given = test::read_ts(test::test_file(name));
    const auto file = fragmented(given);
    compare(read(file), file, given, false);
    if (test::has_ffprobe()) compare_probed(test::probe(file, "mp4"), given);
  }
}

TEST_CASE("a regular file, written to the end or made of fragments, is the same movie", "[mp4]") {
  const auto given = test::read_flv("flv/h264_aac.flv");
  const auto written = regular(given);
  compare(read(written), written, given, true);
  const auto front = fast_start(fragmented(given));
  compare(read(front), front, given, true);
  // moov before mdat
  const auto head = base::as_text(front);
  CHECK(head.find("moov") < head.find("mdat"));
  if (test::has_ffprobe()) {
    compare_probed(test::probe(written, "mp4"), given);
    compare_probed(test::probe(front, "mp4"), given);
  }
}

TEST_CASE("a track that begins later does so in a regular file", "[mp4]") {
  auto given = test::read_flv("flv/h264_aac.flv");
  for (auto& frame : given.frames) {
    if (frame->track != TrackId::audio) continue;
    auto later = *frame;
    later.dts += std::chrono::seconds(1);
    frame = std::make_shared<const media::Frame>(later);
  }
  if (test::has_ffprobe()) compare_probed(test::probe(fast_start(fragmented(given)), "mp4"), given);
}

TEST_CASE("a file in any pieces, and cut off anywhere, is read", "[mp4]") {
  const auto given = test::read_flv("flv/h264_mp3.flv");
  const auto file = fragmented(given);
  const auto whole = read(file);
  test::feed_every_way(
      file, [] { return Reader(); },
      [](Reader& reader, base::Bytes piece) { REQUIRE(reader.input(piece).has_value()); },
      [&](Reader& reader) {
        const auto movie = reader.finish();
        REQUIRE(movie.has_value());
        REQUIRE(movie->tracks.size() == whole.tracks.size());
        REQUIRE(movie->tracks[0].samples.size() == whole.tracks[0].samples.size());
      });
  std::size_t samples = 0;
  for (std::size_t size = 0; size <= file.size(); size += 97) {
    Reader reader;
    REQUIRE(reader.input(base::Bytes(file).first(size)).has_value());
    const auto movie = reader.finish();
    if (!movie) {
      CHECK(movie.error() == Errc::missing_box);
      continue;
    }
    std::size_t now = 0;
    for (const auto& track : movie->tracks) {
      now += track.samples.size();
      for (const auto& sample : track.samples) REQUIRE(sample.offset + sample.size <= size);
    }
    REQUIRE(now >= samples);  // never fewer for more bytes
    samples = now;
  }
}

TEST_CASE("tables that lie are refused before memory is taken", "[mp4]") {
  auto given = test::read_flv("flv/h264_mp3.flv");
  given.tracks.resize(1);  // video: its sizes differ, and stand in the table
  const auto file = fragmented(given);
  auto text = std::string(base::as_text(file));
  const auto trun = text.find("trun");
  REQUIRE(trun != std::string::npos);
  text[trun + 8] = 0x7f;  // two thousand million samples
  Reader reader;
  CHECK(reader.input(base::as_bytes(text)).error() == Errc::bad_table);
  std::string without_fields(base::as_text(file));
  without_fields[trun + 6] = 0;  // no field per sample: nothing in the box bounds their number
  without_fields[trun + 8] = 0x7f;
  Reader other;
  CHECK(other.input(base::as_bytes(without_fields)).error() == Errc::too_many_samples);
  Reader large({.largest_box_bytes = 100});
  CHECK(large.input(file).error() == Errc::box_too_large);
}

TEST_CASE("frames beyond the tracks are not taken", "[mp4]") {
  const auto given = test::read_flv("flv/h264_aac.flv");
  Fragmenter fragmenter({given.tracks[0]});
  CHECK_FALSE(fragmenter.add(*given.of(TrackId::audio).front()));
  CHECK_FALSE(fragmenter.add({.track = TrackId::video, .codec = media::Codec::h264}));
  CHECK(fragmenter.empty());
  CHECK(Fragmenter({}).init().error() == Errc::no_tracks);
}

namespace {

// x265's record of 64x64 in BT.2020 and PQ, without its array of SEI.
const std::string pq_record =
    "0102200000009000000000001ef000fcfdfafa00000f03200001001840010c01ffff02200000030090000003000003001e95940921000100"
    "2d42010102200000030090000003000003001ea0208104d965654a4c2f016a12201208000003000800000300c84022000100064401c073c0"
    "89";
// Its SEI, of the brightest sample and of the screen.
const std::string light_sei =
    "000000094e01900403e8019080 0000001e4e01891833c286c41d4c0bb884d03e803d13404200989680000003000180";

media::Track pq_track(const std::string& record) {
  auto parameters = std::make_shared<media::CodecParameters>();
  parameters->codec = media::Codec::hevc;
  parameters->extradata = base::SharedBytes::copy_of(bytes(record));
  parameters->width = parameters->height = 64;
  return {TrackId::video, 0, parameters};
}

media::Frame pq_frame(std::int64_t ms, bool key, const std::string& before) {
  return {.track = TrackId::video,
          .codec = media::Codec::hevc,
          .dts = base::Millis(ms),
          .key = key,
          .payload = base::SharedBytes::copy_of(bytes(before + (key ? "00000004 28018000" : "00000004 02018000")))};
}

bool has(base::Bytes file, const std::string& hex) {
  const auto part = bytes(hex);
  return std::search(file.begin(), file.end(), part.begin(), part.end()) != file.end();
}

// "mdcv" and "clli" with what the SEI say
const std::string mdcv = "6d646376 33c286c41d4c0bb884d03e803d134042 00989680 00000001";
const std::string clli = "636c6c69 03e8 0190";

}  // namespace

TEST_CASE("how bright pictures are is told by the first of them", "[mp4]") {
  Fragmenter fragmenter({pq_track(pq_record)});
  CHECK_FALSE(fragmenter.described());
  CHECK_FALSE(has(*fragmenter.init(), "6d646376"));
  fragmenter.add(pq_frame(0, true, light_sei));
  CHECK(fragmenter.described());
  fragmenter.add(pq_frame(40, false, ""));
  CHECK(has(*fragmenter.init(), mdcv));
  CHECK(has(*fragmenter.init(), clli));
  // What has begun without it waits no longer.
  Fragmenter dark({pq_track(pq_record)});
  CHECK_FALSE(dark.described());
  dark.nothing(base::Ticks{}, true);
  CHECK(dark.described());
}

TEST_CASE("a recording says how bright its pictures are, and its rates", "[mp4]") {
  MovieWriter writer({pq_track(pq_record)});
  base::Buffer out;
  writer.begin(out);
  for (int i = 0; i < 50; ++i) writer.add(pq_frame(i * 40, i == 0, i == 0 ? light_sei : ""), out);
  const auto end = writer.finish();
  REQUIRE(end.has_value());
  CHECK(has(end->moov, mdcv));
  CHECK(has(end->moov, clli));
  // 25 frames of 8 bytes a second, and 47 bytes more in the first: (247 and 447 / 2) * 8
  CHECK(has(end->moov, "62747274 00000000 000007b8 000006fc"));
  // The entry is read as one still.
  test::ByteVector file(out.bytes().begin(), out.bytes().end());
  file.insert(file.end(), end->moov.bytes().begin(), end->moov.bytes().end());
  std::copy(end->data_box_head.bytes().begin(), end->data_box_head.bytes().end(),
            file.begin() + static_cast<std::ptrdiff_t>(end->patch_at));
  const Movie movie = read(file);
  REQUIRE(movie.tracks.size() == 1);
  CHECK(parse_sample_entry(movie.tracks[0].sample_entry)->codec == media::Codec::hevc);
}

TEST_CASE("who begins late is told the rates of what came before", "[mp4]") {
  Fragmenter fragmenter({pq_track(pq_record)});
  CHECK_FALSE(has(*fragmenter.init(), "62747274"));  // btrt: nothing came yet
  for (int i = 0; i < 50; ++i) fragmenter.add(pq_frame(i * 40, i == 0, i == 0 ? light_sei : ""));
  const auto next = pq_frame(2000, true, "");
  fragmenter.cut(&next);
  // As a recording of the same tells below.
  const auto init = *fragmenter.init();
  CHECK(has(init, "62747274 00000000 000007b8 000006fc"));
  CHECK(parse_sample_entry(read(init).tracks.at(0).sample_entry)->codec == media::Codec::hevc);
}

TEST_CASE("a finished recording tells its own rates, and not those of its begin", "[mp4]") {
  Fragmenter fragmenter({pq_track(pq_record)});
  test::ByteVector file;
  const auto put = [&file](const base::SharedBytes& part) {
    file.insert(file.end(), part.bytes().begin(), part.bytes().end());
  };
  for (int i = 0; i < 100; ++i) {
    const auto frame = pq_frame(i * 40, i % 25 == 0, i < 25 ? light_sei : "");
    if (i % 25 == 0 && i != 0) {
      const auto fragment = fragmenter.cut(&frame);
      if (i == 25) put(*fragmenter.init());
      put(fragment);
    }
    fragmenter.add(frame);
  }
  put(fragmenter.cut());
  const auto finished = fast_start(file);
  const std::string_view text = base::as_text(finished);
  const std::size_t at = text.find("btrt");
  REQUIRE(at != std::string_view::npos);
  CHECK(text.find("btrt", at + 4) == std::string_view::npos);
  base::ByteReader box{base::Bytes(finished).subspan(at)};
  box.skip(8);
  CHECK(box.u32() == 25U * (8 + 47) * 8);              // the first second
  CHECK(box.u32() == (25U * (8 + 47) + 75U * 8) * 2);  // of four
}

TEST_CASE("an event is a box before the next fragment, and once", "[mp4]") {
  Fragmenter fragmenter({pq_track(pq_record)});
  fragmenter.add_event({.at = base::Millis(1000), .tag = base::SharedBytes::copy_of(bytes("494433"))});
  fragmenter.add(pq_frame(960, true, ""));
  const std::size_t media = 8;
  CHECK(fragmenter.bytes() > media);
  // emsg version 1: a time scale, the time, no duration, a number, the scheme, no value, the tag
  const std::string event =
      "656d7367 01000000 00015f90 0000000000015f90 00000000 00003e80"
      "68747470733a2f2f616f6d656469612e6f72672f656d73672f494433 00 00 494433";
  const auto first = fragmenter.cut();
  CHECK(has(first, event));
  const std::string_view text = base::as_text(first);
  CHECK(text.find("styp") < text.find("emsg"));
  CHECK(text.find("emsg") < text.find("moof"));
  fragmenter.add(pq_frame(1000, false, ""));
  CHECK_FALSE(has(fragmenter.cut(), "656d7367"));
}

}  // namespace weir::test::fragment_test
