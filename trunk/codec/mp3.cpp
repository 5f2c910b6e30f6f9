#include "codec/mp3.h"

#include <array>

#include "base/byte_reader.h"

namespace weir::codec::mp3 {

namespace {

// kb/s by bitrate_index; the first row for MPEG-1, the last two for MPEG-2 and 2.5.
constexpr std::array<std::array<std::uint16_t, 15>, 5> bitrates{{
    {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},  // layer I
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},     // layer II
    {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},      // layer III
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},     // layer I, low rates
    {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},          // layers II and III, low rates
}};

}  // namespace

base::Result<FrameHeader> parse_frame_header(base::Bytes in) {
  constexpr std::array<std::uint32_t, 3> rates{44100, 48000, 32000};
  base::ByteReader r{in};
  const std::uint32_t bits = r.u32();
  if (!r.ok()) return Errc::truncated;
  const std::uint32_t version = bits >> 19 & 3;  // 0: 2.5, 2: MPEG-2, 3: MPEG-1
  const std::uint32_t layer_code = bits >> 17 & 3;
  const std::uint32_t bitrate = bits >> 12 & 15;
  const std::uint32_t rate = bits >> 10 & 3;
  const bool padding = (bits >> 9 & 1) != 0;
  if (bits >> 21 != 0x7ff || version == 1 || layer_code == 0) return Errc::bad_sync;
  if (rate == 3) return Errc::bad_sample_rate;
  if (bitrate == 0 || bitrate == 15) return Errc::bad_parameter;

  FrameHeader header;
  header.layer = static_cast<std::uint8_t>(4 - layer_code);
  const bool low_rates = version != 3;
  header.sample_rate = rates[rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
  header.channels = (bits >> 6 & 3) == 3 ? 1 : 2;
  const std::size_t row = low_rates ? (header.layer == 1 ? 3U : 4U) : header.layer - 1U;
  header.bitrate_bps = bitrates[row][bitrate] * 1000U;
  if (header.layer == 1) {
    header.frame_samples = 384;
    header.frame_bytes = static_cast<std::uint16_t>((12 * header.bitrate_bps / header.sample_rate + padding) * 4);
  } else {
    header.frame_samples = header.layer == 3 && low_rates ? 576 : 1152;
    header.frame_bytes =
        static_cast<std::uint16_t>(header.frame_samples / 8U * header.bitrate_bps / header.sample_rate + padding);
  }
  return header;
}

}  // namespace weir::codec::mp3
