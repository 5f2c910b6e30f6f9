#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/error.h"

// MPEG audio: ISO 11172-3 2.4.1.3, ISO 13818-3 and the "2.5" extension for low rates.
namespace weir::codec::mp3 {

struct FrameHeader {
  std::uint8_t layer = 3;
  std::uint32_t sample_rate = 0;
  std::uint8_t channels = 0;
  std::uint32_t bitrate_bps = 0;
  std::uint16_t frame_samples = 0;
  std::uint16_t frame_bytes = 0;  // with the header
};

// The four bytes that each frame begins with. Free-format frames, which nobody sends, are an error.
base::Result<FrameHeader> parse_frame_header(base::Bytes in);

}  // namespace weir::codec::mp3
