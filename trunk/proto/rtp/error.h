#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::rtp {

// What was wrong in an RTP or RTCP packet, or in a codec's payload. The packet is dropped and counted.
enum class Errc : std::uint8_t {
  ok = 0,
  too_short,       // RFC 3550 5.1: 12 bytes
  bad_version,     // not 2
  header_cut_off,  // CSRCs or the extension reach past the end
  bad_padding,     // the last byte says more padding than there is
  bad_rtcp,        // RFC 3550 6.4: a length reaches past the compound
  bad_feedback,    // RFC 4585 6: a feedback message is not as long as its kind is
  bad_payload,     // a codec's payload header is not as its RFC says
  frame_too_long,  // RFC 4571 2: a length on a byte stream that no packet of ours has
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "rtp")

}  // namespace weir::rtp

WEIR_ERROR_ENUM(weir::rtp::Errc)
