#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/error.h"

// AC-3 and E-AC-3: ETSI TS 102 366.
namespace weir::codec::ac3 {

struct FrameHeader {
  bool enhanced = false;  // E-AC-3
  std::uint32_t sample_rate = 0;
  std::uint8_t channels = 0;  // with the low frequency one
  std::uint16_t frame_samples = 1536;
  std::uint16_t frame_bytes = 0;
};

// syncinfo and the begin of bsi: 4.3.1, 4.3.2 and E.1.2.2. Of E-AC-3 the first, independent substream.
base::Result<FrameHeader> parse_frame_header(base::Bytes in);

}  // namespace weir::codec::ac3
