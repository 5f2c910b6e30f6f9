#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace weir::base {

// The CRC-32 of ITU-T V.42, as Ethernet, zlib and STUN have it (least significant bit first). MPEG's differs: see
// format/ts/psi.h.
std::uint32_t crc32(Bytes bytes);

}  // namespace weir::base
