#pragma once

#include "base/bytes.h"
#include "proto/rtp/payloads.h"

namespace weir::rtp {

// Appends the payloads of a temporal unit of OBUs ("RTP Payload Format for AV1", 4): each OBU without its size field,
// as an element behind its length; temporal delimiters, tile lists and padding are left out. `key`: a coded video
// sequence begins here. False if the OBUs cannot be walked to the end.
bool pack_av1(base::Bytes temporal_unit, bool key, std::size_t most, Payloads& out);

}  // namespace weir::rtp
