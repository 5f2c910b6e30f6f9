#include "codec/aac.h"
#include "format/mp4/reader.h"
#include "format/ts/demuxer.h"
#include "pack/flv.h"
#include "pack/mp4.h"
#include "pack/raw_audio.h"
#include "pack/ts.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::live_test {

using namespace std::chrono_literals;
using hub::Wire;
using pack::Envelope;

namespace {

media::Track aac_track() {
  media::CodecParameters parameters;
  parameters.codec = media::Codec::aac;
  parameters.extradata = base::SharedBytes::copy_of(codec::aac::build_configuration(2, 48000, 2));
  parameters.sample_rate = 48000;
  parameters.channels = 2;
  return {media::TrackId::audio, 1, std::make_shared<media::CodecParameters>(parameters)};
}

media::Track mp3_track() {
  media::CodecParameters parameters;
  parameters.codec = media::Codec::mp3;
  parameters.sample_rate = 44100;
  parameters.channels = 2;
  return {media::TrackId::audio, 1, std::make_shared<media::CodecParameters>(parameters)};
}

media::Track vp8_track() {
  media::CodecParameters parameters;
  parameters.codec = media::Codec::vp8;
  return {media::TrackId::video, 1, std::make_shared<media::CodecParameters>(parameters)};
}

media::Frame audio(int index, std::size_t size = 100) {
  media::Frame frame;
  frame.track = media::TrackId::audio;
  frame.codec = media::Codec::aac;
  frame.generation = 1;
  frame.dts = base::Ticks(index * 1920);  // 1024 samples at 48 kHz
  base::Buffer bytes(size);
  std::fill(bytes.data(), bytes.data() + size, static_cast<std::uint8_t>(index));
  frame.payload = base::SharedBytes::copy_of(bytes);
  return frame;
}

std::string joined(const std::vector<Wire>& wires) {
  std::string out;
  for (const Wire& wire : wires) out += base::as_text(wire.bytes);
  return out;
}

struct Line {
  std::unique_ptr<hub::Packager> packager;
  std::vector<Wire> wires;
  Line(const hub::PackagerFactory& factory, const media::Tracks& tracks, const config::Vhost& vhost = {})
      : packager(factory(vhost)) {
    packager->set_tracks(tracks, wires);
  }
  void add(const media::Frame& frame) { packager->package(frame, false, wires); }
};

}  // namespace

TEST_CASE("envelopes: a chunk and a WebSocket message around the same bytes", "[pack]") {
  base::Slab slab;
  const base::Buffer body(300);
  CHECK(pack::wrap(Envelope::none, body, slab).size() == 300);
  const auto chunk = pack::wrap(Envelope::chunk, body, slab);
  CHECK(base::as_text(chunk.bytes().first(5)) == "12c\r\n");
  CHECK(base::as_text(chunk.bytes().last(2)) == "\r\n");
  const auto frame = pack::wrap_apart(Envelope::websocket, body);
  CHECK(frame.size() == 304);
  CHECK(frame.bytes()[0] == 0x82);
  CHECK(frame.bytes()[1] == 126);
  CHECK(pack::wrap(Envelope::chunk, {}, slab).empty());  // an empty chunk would end the body
}

TEST_CASE("live AAC: ADTS frames, each a start, with as much before it as fast_cache says", "[pack]") {
  config::Vhost vhost;
  vhost.http_remux.fast_cache = 100ms;
  Line line(pack::make_aac(Envelope::none), {aac_track()}, vhost);
  CHECK(line.packager->carries_media());
  for (int i = 0; i < 20; ++i) line.add(audio(i));
  REQUIRE(line.wires.size() == 20);
  const auto head = codec::aac::parse_adts_header(line.wires[7].bytes);
  REQUIRE(head.has_value());
  CHECK(head->frame_bytes == 107);
  CHECK(head->sample_rate == 48000);
  CHECK(line.wires[0].entry);
  CHECK(line.wires[0].lead == 0);
  CHECK(line.wires[19].entry);
  CHECK(line.wires[19].lead == 4);  // frames of 21 ms: 85 ms

  vhost.play.gop_cache = false;
  Line plain(pack::make_aac(Envelope::none), {aac_track()}, vhost);
  for (int i = 0; i < 20; ++i) plain.add(audio(i));
  CHECK(plain.wires[19].lead == 0);
}

TEST_CASE("a format without a place for any track says so", "[pack]") {
  CHECK_FALSE(Line(pack::make_mp3(Envelope::none), {aac_track()}).packager->carries_media());
  CHECK(Line(pack::make_mp3(Envelope::none), {mp3_track()}).packager->carries_media());
  CHECK_FALSE(Line(pack::make_ts(Envelope::none), {vp8_track()}).packager->carries_media());
  CHECK(Line(pack::make_ts(Envelope::none), {vp8_track(), aac_track()}).packager->carries_media());
  CHECK_FALSE(Line(pack::make_mp4(Envelope::none), {vp8_track()}).packager->carries_media());
}

TEST_CASE("FLV without the picture: newcomers start on the sound, a second apart", "[pack]") {
  config::Vhost vhost;
  vhost.http_remux.guess_has_av = false;
  vhost.http_remux.has_video = false;
  Line line(pack::make_flv(Envelope::none), {vp8_track(), aac_track()}, vhost);
  CHECK(line.packager->header().bytes()[4] == 0x04);  // E.2: audio only
  for (int i = 0; i < 100; ++i) line.add(audio(i));
  REQUIRE(line.wires.size() == 100);
  CHECK(line.wires[0].entry);
  CHECK_FALSE(line.wires[0].setup.empty());
  // 1024 samples at 48 kHz are 21.3 ms: the 47th later frame is the first a whole second on.
  CHECK_FALSE(line.wires[46].entry);
  CHECK(line.wires[47].entry);
}

TEST_CASE("live TS: starts begin with the tables, counters run on, and the end gives what was held", "[pack]") {
  // The key frames of a video that TS does not carry are no starts: the audio has its own.
  Line line(pack::make_ts(Envelope::none), {vp8_track(), aac_track()});
  constexpr int count = 200;
  for (int i = 0; i < count; ++i) line.add(audio(i));
  line.packager->end(line.wires);
  std::size_t entries = 0;
  for (const Wire& wire : line.wires) {
    REQUIRE(wire.bytes.size() % 188 == 0);
    if (!wire.entry) continue;
    ++entries;
    CHECK(wire.bytes.bytes()[1] == 0x40);  // payload_unit_start, PID 0: the program association table
    CHECK(wire.bytes.bytes()[2] == 0x00);
  }
  CHECK(entries == 5);  // 4.3 s, one a second
  ts::Demuxer demuxer;
  const std::string all = joined(line.wires);
  demuxer.input(base::as_bytes(all));
  demuxer.finish();
  int frames = 0;
  while (const auto unit = demuxer.poll()) ++frames;
  CHECK(frames == count);
  for (const auto& pid : demuxer.counts()) CHECK(pid.continuity_errors == 0);
}

TEST_CASE("live MP4: a start has the initialisation before it, and every frame is in some fragment", "[pack]") {
  Line line(pack::make_mp4(Envelope::none), {aac_track()});
  constexpr int count = 100;
  for (int i = 0; i < count; ++i) line.add(audio(i));
  line.packager->end(line.wires);
  REQUIRE(!line.wires.empty());
  REQUIRE(line.wires.front().entry);
  CHECK(base::as_text(line.wires.front().setup.bytes().subspan(4, 4)) == "ftyp");
  mp4::Reader reader;
  REQUIRE(reader.input(line.wires.front().setup));
  const std::string all = joined(line.wires);
  REQUIRE(reader.input(base::as_bytes(all)));
  const auto movie = reader.finish();
  REQUIRE(movie.has_value());
  REQUIRE(movie->tracks.size() == 1);
  CHECK(movie->tracks.front().samples.size() == count);
}

TEST_CASE("live MP4: a change of the tracks brings a new initialisation into the stream, other metadata none",
          "[pack]") {
  Line line(pack::make_mp4(Envelope::none), {aac_track()});
  for (int i = 0; i < 20; ++i) line.add(audio(i));
  media::Track script{media::TrackId::data, 1, std::make_shared<media::CodecParameters>()};
  line.packager->set_tracks({aac_track(), script}, line.wires);
  media::Track other = aac_track();
  other.generation = 2;
  for (int i = 20; i < 30; ++i) line.add(audio(i));
  line.packager->set_tracks({other}, line.wires);
  for (int i = 30; i < 50; ++i) line.add(audio(i));
  line.packager->end(line.wires);
  std::size_t inits = 0;
  for (const Wire& wire : line.wires) inits += base::as_text(wire.bytes.bytes().subspan(4, 4)) == "ftyp";
  CHECK(inits == 1);
}

}  // namespace weir::test::live_test
