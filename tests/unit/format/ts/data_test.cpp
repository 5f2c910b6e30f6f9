#include "format/ts/demuxer.h"
#include "format/ts/muxer.h"
#include "format/ts/pes.h"
#include "format/ts/private_data.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::ts_data_test {

// Private data of a program: KLV, teletext, subtitles.
using media::Codec;
using media::TrackId;
using test::bytes;
using test::operator+;

namespace {

// SMPTE 336 in MPEG-TS: RP 217 for the asynchronous form; MISB ST 1402 for the synchronous one, with its metadata
// descriptor.
const ts::PmtStream klv_async{0x06, 0x200, bytes("0504 4b4c5641")};
const ts::PmtStream klv_sync{0x15, 0x201, bytes("2609 0100 ff 4b4c5641 00 0f 2709 c00000c00000c00000")};
const ts::PmtStream teletext{0x06, 0x202, bytes("5605 656e67 0900")};
const ts::PmtStream unknown{0x06, 0x203, {}};

// "060e2b34..." of MISB ST 0601, in a packet without a time: private_stream_1.
const auto klv_pes = bytes("000001bd 0015 800000 060e2b34020b01010e01030101000000 0102");
// The same with a time, 1 s: metadata_stream, with a header of an access unit.
const auto timed_pes = bytes("000001fc 0012 858005 2100 05 bf21 00 00 df 0005 0601020304");

media::Track track_of(const ts::PmtStream& stream, std::uint8_t id) {
  return {.id = TrackId{id}, .parameters = std::make_shared<const media::CodecParameters>(ts::data_parameters(stream))};
}

media::Frame data_at(std::uint8_t id, std::int64_t millis, const test::ByteVector& pes) {
  return {.track = TrackId{id},
          .codec = Codec::ts_data,
          .dts = base::Millis(millis),
          .payload = base::SharedBytes::copy_of(pes)};
}

// A second of pictures and sound with data 400 ms in.
base::Buffer stream_with(const std::vector<ts::PmtStream>& streams, const std::vector<test::ByteVector>& packets) {
  const auto file = test::read_flv("flv/h264_aac.flv");
  media::Tracks tracks = file.tracks;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    tracks.push_back(track_of(streams[i], static_cast<std::uint8_t>(3 + i)));
  }
  ts::Muxer muxer;
  muxer.set_tracks(tracks);
  base::Buffer out;
  bool told = false;
  for (const auto& frame : file.frames) {
    if (!told && frame->dts >= std::chrono::milliseconds(400)) {
      for (std::size_t i = 0; i < packets.size(); ++i) {
        muxer.append_data(data_at(static_cast<std::uint8_t>(3 + i), 400, packets[i]), out);
      }
      told = true;
    }
    muxer.append(*frame, out);
  }
  muxer.append_flush(out);
  return out;
}

}  // namespace

TEST_CASE("what a program has beside pictures and sound is known by its descriptors", "[ts][data]") {
  CHECK(ts::data_kind(klv_async) == "KLV");
  CHECK(ts::data_kind(klv_sync) == "KLV");
  CHECK(ts::data_kind(teletext) == "teletext");
  CHECK(ts::data_kind({0x06, 0x200, bytes("5908 656e67 10 0001 0001")}) == "subtitles");
  CHECK(ts::data_kind({0x15, 0x200, ts::metadata_descriptor()}) == "ID3");
  CHECK(ts::data_kind(unknown) == "private");
  CHECK(ts::data_kind({0x15, 0x200, {}}) == "metadata");
  CHECK(ts::data_kind({0x06, 0x200, bytes("0504 4f707573 7f02 8002")}).empty());  // Opus
  CHECK(ts::data_kind({0x1b, 0x200, {}}).empty());
  CHECK(ts::data_kind({0x02, 0x200, {}}).empty());
  CHECK(ts::data_kind({0x06, 0x200, test::repeat(0x55, 256)}).empty());
  const auto parameters = ts::data_parameters(klv_sync);
  CHECK(parameters.profile == "KLV");
  CHECK(ts::data_stream(parameters, 0x201) == klv_sync);
}

TEST_CASE("a PES packet is moved with its times, and one without stays as it is", "[ts][data]") {
  CHECK(test::hex(ts::moved_pes(klv_pes, 77)) == test::hex(klv_pes));
  const auto moved = ts::moved_pes(timed_pes, 0x1'2345'6789);
  const auto header = ts::parse_pes_header(moved);
  REQUIRE(header.has_value());
  CHECK(header->pts == 0x1'2345'6789);
  CHECK(test::hex(moved.bytes().subspan(14)) == test::hex(base::Bytes(timed_pes).subspan(14)));
  CHECK(ts::moved_pes(moved, *ts::parse_pes_header(timed_pes)->pts).size() == timed_pes.size());
  // The distance of both times stays, over the end of the counter, too.
  const auto both = bytes("000001bd 000d 80c00a 3100010e11 1100010709");
  const auto before = ts::parse_pes_header(both);
  REQUIRE(before.has_value());
  REQUIRE(before->dts);
  const auto after = ts::parse_pes_header(ts::moved_pes(both, 100));
  REQUIRE(after.has_value());
  CHECK(after->pts == 100);
  CHECK(((*after->pts - *after->dts) & ts::clock_mask) == *before->pts - *before->dts);
}

TEST_CASE("private data goes from one transport stream to another as it is", "[ts][data]") {
  const base::Buffer wire =
      stream_with({klv_async, klv_sync, teletext, unknown}, {klv_pes, timed_pes, klv_pes, klv_pes});
  for (const std::size_t piece : {wire.size(), std::size_t{1}, std::size_t{1000}}) {
    INFO(piece);
    ts::Demuxer demuxer;
    std::vector<media::FrameRef> data, others;
    const auto take = [&] {
      while (auto unit = demuxer.poll()) (unit->frame->codec == Codec::ts_data ? data : others).push_back(unit->frame);
    };
    for (std::size_t at = 0; at < wire.size(); at += piece) {
      demuxer.input(wire.bytes().subspan(at, std::min(piece, wire.size() - at)));
      take();
    }
    demuxer.finish();
    take();
    REQUIRE(demuxer.tracks().size() == 6);
    REQUIRE(data.size() == 4);
    const std::vector<std::string> kinds{"KLV", "KLV", "teletext", "private"};
    for (std::size_t i = 0; i < 4; ++i) {
      INFO(i);
      const media::Track& track = demuxer.tracks()[2 + i];
      CHECK(track.parameters->codec == Codec::ts_data);
      CHECK(track.parameters->profile == kinds[i]);
      CHECK(data[i]->track == track.id);
      CHECK(track.id >= TrackId::further);
    }
    // Of one with a time it is that of the moment, by the clock of the stream; the muxer adds a second.
    CHECK(data[1]->dts == base::Ticks(1'400 * 90));
    CHECK(data[0]->dts <= base::Ticks(1'500 * 90));
    CHECK(data[0]->dts >= base::Ticks(1'200 * 90));
    CHECK(test::hex(data[0]->payload) == test::hex(klv_pes));
    CHECK(test::hex(data[1]->payload.bytes().subspan(14)) == test::hex(base::Bytes(timed_pes).subspan(14)));
    CHECK(data[1]->payload.data()[3] == 0xfc);
    const auto sent = test::read_flv("flv/h264_aac.flv");
    CHECK(others.size() == sent.count(TrackId::video) + sent.count(TrackId::audio));
    for (const auto& counts : demuxer.counts()) CHECK(counts.malformed + counts.continuity_errors == 0);
  }
}

TEST_CASE("a damaged packet of data is left out and counted, and those of no program's streams are not there",
          "[ts][data]") {
  const auto long_pes = bytes("000001bd 012c 800000") + test::repeat(0x4b, 297);
  const base::Buffer whole = stream_with({klv_async}, {long_pes});
  test::ByteVector wire;
  bool lost = false;
  for (std::size_t at = 0; at < whole.size(); at += 188) {
    const auto one = whole.bytes().subspan(at, 188);
    const auto packet = ts::parse_packet(one);
    if (packet->pid == 0x180 && !packet->unit_start && !std::exchange(lost, true)) continue;
    wire.insert(wire.end(), one.begin(), one.end());
  }
  REQUIRE(lost);
  const auto file = test::read_ts(wire);
  CHECK(std::none_of(file.frames.begin(), file.frames.end(), [](const auto& f) { return f->codec == Codec::ts_data; }));
  CHECK(file.tracks.size() == 3);
}

TEST_CASE("data without anything that plays is no program", "[ts][data]") {
  ts::Muxer muxer;
  muxer.set_tracks({track_of(klv_async, 3)});
  base::Buffer out;
  muxer.append_data(data_at(3, 0, klv_pes), out);
  CHECK(out.empty());
}

TEST_CASE("a map has room for so many streams of data, and no more are announced", "[ts][data]") {
  media::Tracks tracks = test::read_flv("flv/h264_aac.flv").tracks;
  for (std::uint8_t id = 3; id < 12; ++id) tracks.push_back(track_of({0x06, 0, test::repeat(0x01, 240)}, id));
  ts::Muxer muxer;
  muxer.set_tracks(tracks);
  base::Buffer out;
  for (const auto& frame : test::read_flv("flv/h264_aac.flv").frames) muxer.append(*frame, out);
  const auto file = test::read_ts(out);
  CHECK(file.count(TrackId::video) > 20);
  CHECK(file.tracks.size() < 2 + 4);
}

}  // namespace weir::test::ts_data_test
