#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::stun {

// What a datagram that claims to be STUN had wrong.
enum class Errc : std::uint8_t {
  ok = 0,
  too_short,          // RFC 8489 5: a header is 20 bytes
  not_stun,           // the two top bits or the magic cookie
  bad_length,         // the length is no multiple of four, or not that of the datagram
  attribute_cut_off,  // an attribute reaches past the end of the message
  too_many_attributes,
  bad_attribute,  // an attribute that has a fixed form has another
  no_integrity,
  bad_integrity,    // HMAC-SHA1 differs: the peer does not know the password
  bad_fingerprint,  // CRC-32 differs
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "stun")

}  // namespace weir::stun

WEIR_ERROR_ENUM(weir::stun::Errc)
