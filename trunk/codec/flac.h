#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/error.h"

// FLAC: RFC 9639.
namespace weir::codec::flac {

struct StreamInfo {
  std::uint16_t smallest_block = 0, largest_block = 0;  // samples
  std::uint32_t sample_rate = 0;
  std::uint8_t channels = 0;
  std::uint8_t bits = 0;
};

// STREAMINFO, 8.2, alone or behind "fLaC" and the header of its metadata block.
base::Result<StreamInfo> parse_stream_info(base::Bytes in);

}  // namespace weir::codec::flac
