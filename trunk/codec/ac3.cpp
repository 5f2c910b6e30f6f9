#include "codec/ac3.h"

#include <array>

#include "base/bit_reader.h"

namespace weir::codec::ac3 {

namespace {

using base::BitReader;

constexpr std::array<std::uint32_t, 3> rates{48000, 44100, 32000};
constexpr std::array<std::uint8_t, 8> channel_counts{2, 1, 2, 3, 3, 4, 4, 5};  // by acmod, table 4.3
// kb/s by half of frmsizecod, table 4.13
constexpr std::array<std::uint16_t, 19> bitrates{32,  40,  48,  56,  64,  80,  96,  112, 128, 160,
                                                 192, 224, 256, 320, 384, 448, 512, 576, 640};

std::uint16_t frame_bytes(std::uint32_t rate_code, std::uint32_t size_code) {
  const std::uint32_t kbps = bitrates[size_code / 2];
  switch (rate_code) {
    case 0:
      return static_cast<std::uint16_t>(kbps * 4);
    case 1:
      return static_cast<std::uint16_t>((320 * kbps / 147 + size_code % 2) * 2);
    default:
      return static_cast<std::uint16_t>(kbps * 6);
  }
}

base::Result<FrameHeader> parse_plain(BitReader r) {
  FrameHeader header;
  r.skip(16 + 16);  // sync word, checksum
  const std::uint32_t rate_code = r.bits(2), size_code = r.bits(6);
  r.skip(5 + 3);  // bsid, bsmod
  const std::uint32_t acmod = r.bits(3);
  if ((acmod & 1) != 0 && acmod != 1) r.skip(2);  // centre mix level
  if ((acmod & 4) != 0) r.skip(2);                // surround mix level
  if (acmod == 2) r.skip(2);                      // surround mode
  const bool lfe = r.flag();
  if (!r.ok()) return Errc::truncated;
  if (rate_code == 3) return Errc::bad_sample_rate;
  if (size_code >= 2 * bitrates.size()) return Errc::bad_frame_size;
  header.sample_rate = rates[rate_code];
  header.channels = static_cast<std::uint8_t>(channel_counts[acmod] + (lfe ? 1 : 0));
  header.frame_bytes = frame_bytes(rate_code, size_code);
  return header;
}

base::Result<FrameHeader> parse_enhanced(BitReader r) {
  FrameHeader header{.enhanced = true};
  r.skip(16 + 2 + 3);  // sync word, stream type, substream
  header.frame_bytes = static_cast<std::uint16_t>((r.bits(11) + 1) * 2);
  const std::uint32_t rate_code = r.bits(2);
  const std::uint32_t second = r.bits(2);  // blocks, or the code of a halved rate
  const std::uint32_t acmod = r.bits(3);
  const bool lfe = r.flag();
  if (!r.ok()) return Errc::truncated;
  if (rate_code == 3) {
    if (second == 3) return Errc::bad_sample_rate;
    header.sample_rate = rates[second] / 2;
  } else {
    constexpr std::array<std::uint16_t, 4> blocks{1, 2, 3, 6};
    header.sample_rate = rates[rate_code];
    header.frame_samples = static_cast<std::uint16_t>(blocks[second] * 256);
  }
  header.channels = static_cast<std::uint8_t>(channel_counts[acmod] + (lfe ? 1 : 0));
  return header;
}

}  // namespace

base::Result<FrameHeader> parse_frame_header(base::Bytes in) {
  if (in.size() < 6) return Errc::truncated;
  if (in[0] != 0x0b || in[1] != 0x77) return Errc::bad_sync;
  const unsigned bitstream_id = in[5] >> 3;  // stands at the same place in both
  if (bitstream_id > 16) return Errc::bad_version;
  return bitstream_id > 10 ? parse_enhanced(BitReader{in}) : parse_plain(BitReader{in});
}

}  // namespace weir::codec::ac3
