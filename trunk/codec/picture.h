#pragma once

#include <cstdint>

#include "base/bit_reader.h"

namespace weir::codec {

// How decoded pictures are meant to be shown: code points of ITU-T H.273, and the shape of a sample.
struct Picture {
  static constexpr std::uint8_t unspecified = 2, transfer_pq = 16, transfer_hlg = 18;

  std::uint8_t primaries = unspecified, transfer = unspecified, matrix = unspecified;
  bool full_range = false;
  bool told = false;                                  // the colours are
  std::uint16_t sample_width = 0, sample_height = 0;  // a ratio; 0: not told
  friend bool operator==(const Picture&, const Picture&) = default;
};

// The begin of the video usability information, up to chroma_loc_info, which H.264 (E.1.1) and HEVC (E.2.1) share.
void read_vui_picture(base::BitReader& r, Picture& picture);

}  // namespace weir::codec
