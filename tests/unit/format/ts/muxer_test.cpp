#include "format/ts/muxer.h"

#include <map>

#include "format/flv/muxer.h"
#include "format/ts/pes.h"
#include "format/ts/psi.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::muxer_test {

using media::TrackId;
using test::bytes;
using test::operator+;

namespace {

base::Buffer mux(const test::MediaFile& file, ts::Muxer::Options options = {}) {
  ts::Muxer muxer(options);
  muxer.set_tracks(file.tracks);
  base::Buffer out;
  for (const auto& frame : file.frames) muxer.append(*frame, out);
  muxer.append_flush(out);
  return out;
}

std::vector<ts::Packet> packets_of(base::Bytes wire) {
  REQUIRE(wire.size() % ts::packet_bytes == 0);
  std::vector<ts::Packet> out;
  for (std::size_t at = 0; at < wire.size(); at += ts::packet_bytes) {
    const auto packet = ts::parse_packet(wire.subspan(at));
    REQUIRE(packet.has_value());
    out.push_back(*packet);
  }
  return out;
}

void check_counters(const std::vector<ts::Packet>& packets) {
  std::map<ts::Pid, std::uint8_t> last;
  for (const auto& packet : packets) {
    const auto found = last.find(packet.pid);
    if (found != last.end()) {
      REQUIRE(packet.continuity == ((found->second + (packet.has_payload ? 1 : 0)) & 15));
    }
    last[packet.pid] = packet.continuity;
  }
}

media::Frame frame_at(TrackId track, media::Codec codec, std::int64_t millis, std::size_t size, bool key = false) {
  test::ByteVector payload(size, 0xaa);
  if (media::kind_of(codec) == media::Kind::video) {  // one slice behind its length
    for (int i = 0; i < 4; ++i)
      payload[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>((size - 4) >> (24 - 8 * i));
    payload[4] = key ? 0x65 : 0x41;
  }
  return {.track = track,
          .codec = codec,
          .dts = base::Millis(millis),
          .key = key,
          .payload = base::SharedBytes::copy_of(payload)};
}

media::Track h264_track() {
  const auto file = test::read_flv("flv/h264_aac.flv");
  return file.tracks.at(0);
}
media::Track aac_track() {
  media::CodecParameters parameters{.codec = media::Codec::aac,
                                    .extradata = base::SharedBytes::copy_of(bytes("1210")),
                                    .sample_rate = 44'100,
                                    .channels = 2};
  return {.id = TrackId::audio, .parameters = std::make_shared<const media::CodecParameters>(parameters)};
}

}  // namespace

TEST_CASE("a stream begins with its tables, then a clock and a whole key frame", "[ts]") {
  const auto file = test::read_flv("flv/h264_aac.flv");
  const auto wire = mux(file);
  const auto packets = packets_of(wire);
  REQUIRE(packets.size() > 10);
  CHECK(packets[0].pid == ts::pat_pid);
  CHECK(packets[1].pid == 0x1001);
  const auto pmt = ts::parse_pmt(packets[1].payload.subspan(1));
  REQUIRE(pmt.has_value());
  CHECK(pmt->pcr_pid == 0x100);
  REQUIRE(pmt->streams.size() == 2);
  CHECK(pmt->streams[0] == ts::PmtStream{0x1b, 0x100, {}});
  CHECK(pmt->streams[1] == ts::PmtStream{0x0f, 0x101, {}});
  const auto video = std::find_if(packets.begin(), packets.end(), [](const auto& p) { return p.pid == 0x100; });
  CHECK(video->random_access);
  REQUIRE(video->pcr);
  const auto header = ts::parse_pes_header(video->payload);
  REQUIRE(header.has_value());
  CHECK(*video->pcr / 300 < header->dts.value_or(*header->pts));
  // delimiter, then a parameter set (ITU-T H.264 7.4.1.2.3)
  const auto es = video->payload.subspan(header->header_bytes);
  CHECK(test::hex(es.first(10)) == test::hex(bytes("00000001 09f0 00000001")));
  CHECK((es[10] & 0x1f) == 7);
  check_counters(packets);
}

TEST_CASE("frames go in and come out with their times", "[ts]") {
  for (const int hold : {0, 120, 700}) {
    const auto file = test::read_flv("flv/h264_aac.flv");
    const auto back = test::read_ts(mux(file, {.audio_hold = std::chrono::milliseconds(hold)}));
    REQUIRE(back.tracks.size() == 2);
    CHECK(back.tracks[0].parameters->width == 320);
    CHECK(back.tracks[1].parameters->sample_rate == 44'100);
    for (const TrackId track : {TrackId::video, TrackId::audio}) {
      const auto in = file.of(track), out = back.of(track);
      REQUIRE(in.size() == out.size());
      for (std::size_t i = 0; i < in.size(); ++i) {
        // The times of audio frames behind the first of a PES packet are counted, those of FLV rounded.
        const std::int64_t error = track == TrackId::audio && hold != 0 ? 90 : 0;
        REQUIRE(std::abs((out[i]->dts - in[i]->dts - base::Ticks(std::chrono::seconds(1))).count()) <= error);
        REQUIRE(out[i]->composition == in[i]->composition);
        REQUIRE(out[i]->key == (track == TrackId::audio || in[i]->key));
        if (track == TrackId::audio) REQUIRE(std::ranges::equal(out[i]->payload.bytes(), in[i]->payload.bytes()));
      }
    }
  }
}

TEST_CASE("ffprobe sees the frames' own times", "[ts][ffprobe]") {
  if (!test::has_ffprobe()) return;
  const auto file = test::read_flv("flv/h264_aac.flv");
  const auto seen = test::probe(mux(file, {.audio_hold = {}, .pcr_lead = {}, .offset = {}}), "ts");
  for (const bool video : {true, false}) {
    const auto in = file.of(video ? TrackId::video : TrackId::audio);
    std::size_t i = 0;
    for (const auto& packet : seen) {
      if (packet.video != video) continue;
      REQUIRE(i < in.size());
      REQUIRE(std::abs(packet.dts - in[i]->dts.count()) <= 1);
      REQUIRE(std::abs(packet.pts - (in[i]->dts + in[i]->composition).count()) <= 1);
      if (video) REQUIRE(packet.key == in[i]->key);
      ++i;
    }
    REQUIRE(i == in.size());
  }
}

TEST_CASE("clock references come in time whatever the frames do", "[ts]") {
  // video every 400 ms, audio every 23: references go in packets of their own
  ts::Muxer muxer;
  muxer.set_tracks({h264_track(), aac_track()});
  base::Buffer out;
  std::int64_t audio = 0;
  for (std::int64_t at = 0; at < 4000; at += 400) {
    muxer.append(frame_at(TrackId::video, media::Codec::h264, at, 900, at == 0), out);
    for (; audio < at + 400; audio += 23) muxer.append(frame_at(TrackId::audio, media::Codec::aac, audio, 200), out);
  }
  const auto packets = packets_of(out);
  check_counters(packets);
  std::uint64_t last = 0;
  int references = 0;
  for (const auto& packet : packets) {
    if (!packet.pcr) continue;
    CHECK(packet.pid == 0x100);
    if (references++ != 0) CHECK(*packet.pcr - last <= 27'000 * 103);  // 80 ms, and what lies between two frames
    last = *packet.pcr;
  }
  CHECK(references >= 30);
}

TEST_CASE("audio alone has the clock, within 100 ms", "[ts]") {
  ts::Muxer muxer({.audio_hold = std::chrono::seconds(1)});
  muxer.set_tracks({aac_track()});
  base::Buffer out;
  for (std::int64_t at = 0; at < 100; ++at) {
    auto frame = frame_at(TrackId::audio, media::Codec::aac, 0, 180);
    frame.dts = base::Ticks(at * 1024 * 90'000 / 44'100);
    muxer.append(frame, out);
  }
  muxer.append_flush(out);
  std::uint64_t last = 0;
  for (const auto& packet : packets_of(out)) {
    if (!packet.pcr) continue;
    CHECK(packet.pid == 0x101);
    if (last != 0) CHECK(*packet.pcr - last <= 27'000'000 / 10);
    last = *packet.pcr;
  }
  const auto back = test::read_ts(out);
  REQUIRE(back.frames.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) {  // exact to the tick over all, since each PES packet begins anew
    REQUIRE(std::abs((back.frames[i]->dts - std::chrono::seconds(1)).count() -
                     static_cast<std::int64_t>(i) * 1024 * 90'000 / 44'100) <= 1);
  }
}

TEST_CASE("times wrap at 33 bits", "[ts]") {
  ts::Muxer muxer;
  muxer.set_tracks({h264_track()});
  base::Buffer out;
  const std::int64_t start = (std::int64_t{1} << 33) - 90'000 - 9'000;  // with the offset 100 ms before the wrap
  for (int i = 0; i < 10; ++i) {
    auto frame = frame_at(TrackId::video, media::Codec::h264, 0, 500, i == 0);
    frame.dts = base::Ticks(start + i * 3'600);
    frame.composition = base::Ticks(7'200);
    muxer.append(frame, out);
  }
  const auto back = test::read_ts(out);
  REQUIRE(back.frames.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(back.frames[i]->dts.count() == start + 90'000 + static_cast<std::int64_t>(i) * 3'600);
    CHECK(back.frames[i]->composition.count() == 7'200);
  }
}

TEST_CASE("counters run on, the program's version grows with each change", "[ts]") {
  ts::Muxer muxer;
  base::Buffer out;
  muxer.set_tracks({h264_track()});
  muxer.append(frame_at(TrackId::video, media::Codec::h264, 0, 500, true), out);
  muxer.set_tracks({h264_track()});  // the same: no change
  muxer.append(frame_at(TrackId::video, media::Codec::h264, 40, 500), out);
  muxer.set_tracks({h264_track(), aac_track()});
  muxer.append(frame_at(TrackId::video, media::Codec::h264, 80, 500), out);
  muxer.append(frame_at(TrackId::audio, media::Codec::aac, 80, 100), out);
  muxer.append_flush(out);
  muxer.begin_segment();
  muxer.append(frame_at(TrackId::video, media::Codec::h264, 120, 500, true), out);
  muxer.begin_discontinuity();
  muxer.append(frame_at(TrackId::video, media::Codec::h264, 160, 500, true), out);
  const auto packets = packets_of(out);
  check_counters(packets);
  std::vector<int> versions;
  bool discontinuity = false;
  for (const auto& packet : packets) {
    if (packet.pid == 0x1001) versions.push_back(ts::parse_pmt(packet.payload.subspan(1))->version);
    discontinuity |= packet.discontinuity && packet.pcr;
  }
  CHECK(versions == std::vector<int>{0, 1, 1, 1});
  CHECK(discontinuity);
  CHECK(test::read_ts(out).count(TrackId::video) == 5);
}

TEST_CASE("what cannot be carried is left out, and rubbish is not written", "[ts]") {
  ts::Muxer muxer;
  media::Track vp9{
      .id = TrackId::video,
      .parameters = std::make_shared<media::CodecParameters>(media::CodecParameters{.codec = media::Codec::vp9})};
  muxer.set_tracks({vp9, aac_track()});
  CHECK_FALSE(muxer.carries(TrackId::video));
  CHECK(muxer.carries(TrackId::audio));
  base::Buffer out;
  muxer.append(frame_at(TrackId::video, media::Codec::vp9, 0, 10), out);
  muxer.set_tracks({h264_track()});
  muxer.append({.track = TrackId::video, .payload = base::SharedBytes::copy_of(bytes("ffffffff 65"))},
               out);  // a length that lies
  muxer.append({.track = TrackId::video}, out);
  CHECK(out.empty());
}

TEST_CASE("held audio goes with its track's new parameters, if they can carry it", "[ts]") {
  ts::Muxer muxer;
  base::Buffer out;
  muxer.set_tracks({h264_track(), aac_track()});
  muxer.append(frame_at(TrackId::video, media::Codec::h264, 0, 500, true), out);
  muxer.append(frame_at(TrackId::audio, media::Codec::aac, 0, 100), out);
  out.clear();
  media::Track odd = aac_track();
  auto parameters = *odd.parameters;
  parameters.extradata = base::SharedBytes::copy_of(bytes("1780181c90"));  // AAC-LC of 12,345 Hz: ADTS has no such rate
  odd.parameters = std::make_shared<media::CodecParameters>(std::move(parameters));
  muxer.set_tracks({h264_track(), odd});
  muxer.append_flush(out);
  CHECK(out.empty());

  muxer.set_tracks({h264_track(), aac_track()});
  muxer.append(frame_at(TrackId::audio, media::Codec::aac, 100, 100), out);
  muxer.set_tracks({h264_track(), aac_track()});
  muxer.append_flush(out);
  CHECK(packets_of(out).back().pid == 0x101);
}

TEST_CASE("timed metadata is announced with the first of it and has a stream of its own", "[ts]") {
  ts::Muxer muxer;
  auto parameters = std::make_shared<media::CodecParameters>();
  parameters->codec = media::Codec::h264;
  parameters->extradata = base::SharedBytes::copy_of(bytes("01 42001e ff e1 0004 6742001e 01 0004 68ce3c80"));
  muxer.set_tracks({{TrackId::video, 0, parameters}});
  base::Buffer out;
  const auto tag = bytes("494433 0400 00 00000012 54585858 00000008 0000 03 61 00 7b2262227d") + test::repeat('x', 400);
  muxer.append_metadata(base::Millis(10), tag, out);  // before the first frame
  muxer.append(frame_at(TrackId::video, media::Codec::h264, 40, 1000, true), out);
  muxer.append_metadata(base::Millis(50), tag, out);
  muxer.append(frame_at(TrackId::video, media::Codec::h264, 80, 1000), out);
  const auto packets = packets_of(out);
  check_counters(packets);
  int programs = 0, tags = 0;
  test::ByteVector pes;
  for (const ts::Packet& packet : packets) {
    if (packet.pid == 0x1001) {
      const auto pmt = ts::parse_pmt(packet.payload.subspan(1));
      REQUIRE(pmt.has_value());
      ++programs;
      CHECK(pmt->version == 1);
      REQUIRE(pmt->streams.size() == 2);
      CHECK(pmt->streams[1].stream_type == 0x15);
      CHECK(pmt->streams[1].pid == 0x1f0);
      // metadata_pointer_descriptor and metadata_descriptor, both of 'ID3 '
      CHECK(ts::find_descriptor(pmt->descriptors, 0x25)->size() == 15);
      CHECK(ts::find_descriptor(pmt->streams[1].descriptors, 0x26)->size() == 13);
    }
    if (packet.pid != 0x1f0) continue;
    if (packet.unit_start && ++tags == 2) break;
    pes.insert(pes.end(), packet.payload.begin(), packet.payload.end());
  }
  CHECK(programs > 0);
  CHECK(tags == 2);
  const auto head = ts::parse_pes_header(pes);
  REQUIRE(head.has_value());
  CHECK(head->stream_id == 0xbd);
  CHECK(head->pts == 90'000 + 900);  // behind the muxer's offset
  CHECK(head->payload_bytes == tag.size());
  REQUIRE(pes.size() == head->header_bytes + tag.size());
  CHECK(std::equal(tag.begin(), tag.end(), pes.begin() + static_cast<std::ptrdiff_t>(head->header_bytes)));
}

}  // namespace weir::test::muxer_test
