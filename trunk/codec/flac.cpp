#include "codec/flac.h"

#include "base/bit_reader.h"

namespace weir::codec::flac {

base::Result<StreamInfo> parse_stream_info(base::Bytes in) {
  constexpr std::size_t magic_bytes = 4, block_header_bytes = 4, info_bytes = 34;
  if (in.empty()) return Errc::empty;
  if (in.size() >= magic_bytes && base::as_text(in.first(magic_bytes)) == "fLaC") in = in.subspan(magic_bytes);
  // A block header cannot be taken for the information itself, whose first field, the smallest block, is never zero.
  if (in.size() >= block_header_bytes && (in[0] & 0x7f) == 0 && in[1] == 0 && in[2] == 0 && in[3] == info_bytes) {
    in = in.subspan(block_header_bytes);
  }
  if (in.size() < info_bytes) return Errc::truncated;
  base::BitReader r{in};
  StreamInfo info;
  info.smallest_block = static_cast<std::uint16_t>(r.bits(16));
  info.largest_block = static_cast<std::uint16_t>(r.bits(16));
  r.skip(24 + 24);  // frame sizes
  info.sample_rate = r.bits(20);
  info.channels = static_cast<std::uint8_t>(r.bits(3) + 1);
  info.bits = static_cast<std::uint8_t>(r.bits(5) + 1);
  if (info.sample_rate == 0) return Errc::bad_sample_rate;
  if (info.largest_block < 16 || info.smallest_block > info.largest_block) return Errc::bad_parameter;
  if (info.bits < 4) return Errc::bad_bit_depth;
  return info;
}

}  // namespace weir::codec::flac
