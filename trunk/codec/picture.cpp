#include "codec/picture.h"

#include <array>
#include <tuple>
#include <utility>

namespace weir::codec {
namespace {

// Table E-1
constexpr std::array<std::pair<std::uint16_t, std::uint16_t>, 17> ratios{{{0, 0},
                                                                          {1, 1},
                                                                          {12, 11},
                                                                          {10, 11},
                                                                          {16, 11},
                                                                          {40, 33},
                                                                          {24, 11},
                                                                          {20, 11},
                                                                          {32, 11},
                                                                          {80, 33},
                                                                          {18, 11},
                                                                          {15, 11},
                                                                          {64, 33},
                                                                          {160, 99},
                                                                          {4, 3},
                                                                          {3, 2},
                                                                          {2, 1}}};
constexpr std::uint32_t extended_sar = 255;

}  // namespace

void read_vui_picture(base::BitReader& r, Picture& picture) {
  Picture read;
  if (r.flag()) {  // aspect_ratio_info
    const std::uint32_t index = r.bits(8);
    if (index == extended_sar) {
      read.sample_width = static_cast<std::uint16_t>(r.bits(16));
      read.sample_height = static_cast<std::uint16_t>(r.bits(16));
    } else if (index < ratios.size()) {
      std::tie(read.sample_width, read.sample_height) = ratios[index];
    }
    if (read.sample_width == 0 || read.sample_height == 0) read.sample_width = read.sample_height = 0;
  }
  if (r.flag()) r.flag();                    // overscan
  if (r.flag()) {                            // video_signal_type
    r.skip(3);                               // video_format
    read.told = read.full_range = r.flag();  // of what is not full range nothing is said yet
    if (r.flag()) {
      read.told = true;
      read.primaries = static_cast<std::uint8_t>(r.bits(8));
      read.transfer = static_cast<std::uint8_t>(r.bits(8));
      read.matrix = static_cast<std::uint8_t>(r.bits(8));
    }
  }
  if (r.flag()) {  // chroma_loc_info
    r.ue();
    r.ue();
  }
  if (r.ok()) picture = read;
}

}  // namespace weir::codec
