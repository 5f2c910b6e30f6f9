#include "session/gb28181/media_reader.h"

#include "support/catch.h"
#include "support/media_files.h"
#include "support/ps_maker.h"

namespace weir::test::media_reader_test {

using namespace std::chrono_literals;
using media::Codec;
using media::TrackId;
using session::gb28181::MediaReader;
using Way = MediaReader::Way;

namespace {

class Sink final : public session::MediaSink {
 public:
  base::Result<void> set_tracks(media::Tracks given) override {
    tracks = std::move(given);
    return {};
  }
  void expect(media::TrackProbe::Expected) override {}
  using MediaSink::put;
  void put(std::span<media::Frame> given) override {
    for (media::Frame& frame : given) {
      const bool known = std::any_of(tracks.begin(), tracks.end(), [&](const media::Track& track) {
        return track.id == frame.track && track.generation == frame.generation;
      });
      CHECK(known);
      frames.push_back(std::move(frame));
    }
  }
  void complain(const std::string&) override {}
  std::vector<media::Frame> of(TrackId id) const {
    std::vector<media::Frame> out;
    std::copy_if(frames.begin(), frames.end(), std::back_inserter(out),
                 [id](const media::Frame& frame) { return frame.track == id; });
    return out;
  }
  media::Tracks tracks;
  std::vector<media::Frame> frames;
};

// Packets of one source, cut from packs.
struct Device {
  std::uint16_t sequence = 65'530;
  std::uint8_t payload_type = 96;
  std::vector<test::ByteVector> cut(base::Bytes pack, std::uint32_t timestamp, std::size_t size = 1'000) {
    std::vector<test::ByteVector> out;
    for (std::size_t at = 0; at < pack.size(); at += size) {
      const auto part = pack.subspan(at, std::min(size, pack.size() - at));
      test::ByteVector packet(rtp::header_bytes);
      rtp::write_head(packet, {.marker = at + size >= pack.size(),
                               .payload_type = payload_type,
                               .sequence = sequence++,
                               .timestamp = timestamp,
                               .ssrc = 7});
      packet.insert(packet.end(), part.begin(), part.end());
      out.push_back(std::move(packet));
    }
    return out;
  }
};

struct Reading {
  MediaReader reader;
  Sink sink;
  base::Instant now{};
  void put(const test::ByteVector& packet, Way way = Way::udp) {
    now += 1ms;
    const auto parsed = rtp::parse(packet);
    REQUIRE(parsed.has_value());
    reader.input(*parsed, packet, way, now);
    REQUIRE(reader.drain(sink));
  }
};

const test::MediaFile& clip() {
  static const test::MediaFile file = test::read_ts(test::test_file("ts/h264_aac.ts"));
  return file;
}

std::vector<test::ByteVector> packets_of_clip(Device& device) {
  test::PsMaker maker(clip().tracks, {});
  std::vector<test::ByteVector> out;
  for (const auto& frame : clip().frames) {
    for (auto& packet : device.cut(maker.pack(*frame), static_cast<std::uint32_t>(frame->dts.count()))) {
      out.push_back(std::move(packet));
    }
  }
  return out;
}

// All but the last picture, which the next would have ended.
void check_pictures(const Sink& sink) {
  const auto got = sink.of(TrackId::video);
  const auto sent = clip().of(TrackId::video);
  REQUIRE(got.size() + 1 >= sent.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    REQUIRE(test::hex(got[i].payload) == test::hex(sent[i]->payload));
  }
}

}  // namespace

TEST_CASE("packets that overtake one another are put in order", "[gb28181]") {
  Device device;
  auto packets = packets_of_clip(device);
  for (std::size_t i = 4; i + 3 < packets.size(); i += 5) std::swap(packets[i], packets[i + 2]);
  Reading reading;
  for (const auto& packet : packets) {
    reading.put(packet);
    reading.put(packet);  // twice
  }
  check_pictures(reading.sink);
  CHECK(reading.reader.counts().lost == 0);
  CHECK(reading.reader.counts().duplicates + reading.reader.counts().late == packets.size());
  CHECK(reading.reader.what() == "program stream");
}

TEST_CASE("a lost packet costs its picture", "[gb28181]") {
  const auto way = GENERATE(Way::udp, Way::tcp);
  Device device;
  auto packets = packets_of_clip(device);
  const auto has_marker = [](const test::ByteVector& packet) { return (packet[1] & 0x80) != 0; };
  std::size_t inside = 1;  // the first one in the middle of a pack
  while (has_marker(packets[inside - 1])) ++inside;
  packets.erase(packets.begin() + static_cast<std::ptrdiff_t>(inside));
  Reading reading;
  for (const auto& packet : packets) reading.put(packet, way);
  for (int i = 0; i < 100; ++i) reading.now += 1ms;
  CHECK(reading.reader.counts().lost == 1);
  CHECK(reading.reader.counts().damaged >= 1);
}

TEST_CASE("a device that begins to count anew is followed", "[gb28181]") {
  Device device;
  Reading reading;
  for (const auto& packet : packets_of_clip(device)) reading.put(packet);
  const auto before = reading.sink.frames.size();
  device.sequence = 10'000;
  for (int i = 0; i < 4; ++i) {
    for (const auto& packet : packets_of_clip(device)) reading.put(packet);
  }
  CHECK(reading.sink.frames.size() > before + clip().frames.size());
}

TEST_CASE("by TCP a device may not count at all", "[gb28181]") {
  Device device;
  auto packets = packets_of_clip(device);
  Reading reading;
  for (auto& packet : packets) {
    packet[2] = packet[3] = 0;
    reading.put(packet, Way::tcp);
  }
  check_pictures(reading.sink);
  CHECK(reading.reader.counts().lost == 0);
}

TEST_CASE("a transport stream is known by its beat", "[gb28181]") {
  const auto file = test::test_file("ts/h264_aac.ts");
  Device device;
  Reading reading;
  for (const auto& packet : device.cut(file, 0, 7 * 188)) reading.put(packet, Way::tcp);
  CHECK(reading.reader.what() == "transport stream");
  check_pictures(reading.sink);
}

TEST_CASE("a codec without a container, and sound of another payload type beside it", "[gb28181]") {
  // Parameter sets as NAL units of their own before key frames, as cameras send them.
  const auto codec = GENERATE(Codec::h264, Codec::hevc);
  const auto file = test::read_ts(test::test_file(codec == Codec::h264 ? "ts/h264_aac.ts" : "ts/hevc_opus.ts"));
  Device device;
  Reading reading;
  std::uint32_t sound = 5'000;
  const auto pictures = file.of(TrackId::video);
  for (const auto& frame : pictures) {
    base::Buffer stream, unit;
    ts::AccessUnitWriter(*file.tracks[0].parameters).append(frame->payload, frame->key, stream);
    codec::nal::append_length_prefixed(stream, unit);
    device.payload_type = codec == Codec::h264 ? 98 : 100;
    const auto time = static_cast<std::uint32_t>(frame->dts.count());
    std::vector<base::Bytes> nals;
    codec::nal::LengthPrefixed units(unit, 4);
    while (const auto nal = units.next()) nals.push_back(*nal);
    for (std::size_t i = 0; i < nals.size(); ++i) {
      auto packet = device.cut(nals[i], time, 60'000).front();
      packet[1] = static_cast<std::uint8_t>(device.payload_type | (i + 1 == nals.size() ? 0x80 : 0));
      reading.put(packet);
    }
    device.payload_type = 8;
    reading.put(device.cut(test::repeat(0xd5, 320), sound).front());
    sound += 320;
  }
  REQUIRE(reading.sink.tracks.size() == 2);
  CHECK(reading.sink.tracks[0].parameters->codec == codec);
  CHECK(reading.sink.tracks[1].parameters->codec == Codec::pcma);
  CHECK(reading.sink.of(TrackId::video).size() + 2 >= pictures.size());
  const auto heard = reading.sink.of(TrackId::audio);
  REQUIRE(heard.size() == pictures.size());
  for (std::size_t i = 1; i < heard.size(); ++i) CHECK(heard[i].dts - heard[i - 1].dts == base::Ticks(3'600));
}

TEST_CASE("what is nothing that is known gives no frames", "[gb28181]") {
  Device device;
  Reading reading;
  for (int i = 0; i < 50; ++i) reading.put(device.cut(test::repeat(0x5a, 900), 0).front());
  CHECK(reading.sink.frames.empty());
  CHECK(reading.reader.what() == "nothing that is known");
}

TEST_CASE("another beginning drops what was gathered", "[gb28181]") {
  Device device;
  Reading reading;
  for (const auto& packet : packets_of_clip(device)) reading.put(packet);
  const auto before = reading.sink.frames.size();
  const auto counted = reading.reader.counts().frames;
  reading.reader.begin_anew();
  CHECK(reading.reader.counts().frames == counted);
  for (const auto& packet : packets_of_clip(device)) reading.put(packet);
  CHECK(reading.sink.frames.size() == 2 * before);
}

TEST_CASE("what stands behind a lost packet goes on after a while though nothing else comes", "[gb28181]") {
  Device device;
  auto packets = packets_of_clip(device);
  Reading reading;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i + 2 != packets.size()) reading.put(packets[i]);  // the last but one is lost
  }
  CHECK(reading.reader.waits());
  const auto before = reading.reader.counts().lost;
  reading.reader.poll(reading.now + MediaReader::reorder_wait - 1ms);
  CHECK(reading.reader.waits());
  reading.reader.poll(reading.now + MediaReader::reorder_wait);
  CHECK_FALSE(reading.reader.waits());
  CHECK(reading.reader.counts().lost == before + 1);
}

}  // namespace weir::test::media_reader_test
