#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "proto/rtp/payloads.h"

namespace weir::rtp {

// Appends the payloads of one VP8 frame (RFC 7741 4.2) or VP9 frame (RFC 9628 4.2, one layer). `picture` counts the
// frames of the stream; its low 15 bits are written.
void pack_vp8(base::Bytes frame, std::uint16_t picture, std::size_t most, Payloads& out);
void pack_vp9(base::Bytes frame, bool key, std::uint16_t picture, std::size_t most, Payloads& out);

}  // namespace weir::rtp
