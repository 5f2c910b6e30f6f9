#include "format/flv/muxer.h"
#include "format/ts/muxer.h"
#include "support/catch.h"
#include "support/media_files.h"

namespace weir::test::overhead_test {

using media::Codec;
using media::TrackId;

namespace {

// A minute of 25 pictures a second with a key frame every two seconds, and AAC of 44.1 kHz. Sizes vary by a half around
// their mean, key frames are six times as large.
double overhead_over_flv(std::size_t video_bps, std::size_t audio_bps) {
  const auto video = test::read_flv("flv/h264_aac.flv").tracks.at(0);
  const auto audio = test::read_flv("flv/h264_aac.flv").tracks.at(1);
  const flv::BodyWriter video_writer(video), audio_writer(audio);
  ts::Muxer muxer;
  muxer.set_tracks({video, audio});
  base::Buffer wire;
  std::size_t flv_bytes = flv::prologue_bytes;
  std::uint32_t random = 1;
  const auto vary = [&](std::size_t mean) {
    random = random * 1664525 + 1013904223;
    return mean / 2 + mean * (random >> 16) / 65536;
  };
  const auto put = [&](media::Frame frame, std::size_t size, const flv::BodyWriter& writer) {
    test::ByteVector payload(size, 0x55);
    if (frame.codec == Codec::h264) {
      for (std::size_t i = 0; i < 4; ++i) payload[i] = static_cast<std::uint8_t>((size - 4) >> (24 - 8 * i));
      payload[4] = frame.key ? 0x65 : 0x41;
    }
    frame.payload = base::SharedBytes::copy_of(payload);
    flv_bytes += flv::tag_bytes(writer, frame);
    muxer.append(frame, wire);
  };
  std::int64_t heard = 0;
  for (std::int64_t i = 0; i < 60 * 25; ++i) {
    const bool key = i % 50 == 0;
    const base::Ticks dts(i * 3'600);
    for (; heard * 1024 * 90'000 / 44'100 < dts.count(); ++heard) {
      put({.track = TrackId::audio,
           .codec = Codec::aac,
           .dts = base::Ticks(heard * 1024 * 90'000 / 44'100),
           .key = true},
          vary(audio_bps * 1024 / 44'100 / 8), audio_writer);
    }
    const std::size_t mean = video_bps / 8 / 25 * 50 / 55;  // what the key frames leave
    put({.track = TrackId::video, .codec = Codec::h264, .dts = dts, .composition = base::Ticks(3'600), .key = key},
        vary(key ? mean * 6 : mean), video_writer);
  }
  muxer.append_flush(wire);
  return (static_cast<double>(wire.size()) / static_cast<double>(flv_bytes) - 1) * 100;
}

}  // namespace

TEST_CASE("a transport stream is hardly larger than FLV", "[ts]") {
  const double low = overhead_over_flv(1'200'000, 96'000), high = overhead_over_flv(4'870'000, 128'000);
  INFO("1.3 Mb/s: " << low << " %, 5 Mb/s: " << high << " %");
  CHECK(low <= 4.25);
  CHECK(high <= 2.75);
}

}  // namespace weir::test::overhead_test
