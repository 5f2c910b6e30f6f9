#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::srtp {

// Why a packet was not protected or not believed. None of these ends a session: the packet is dropped and counted.
enum class Errc : std::uint8_t {
  ok = 0,
  bad_packet,       // no RTP or RTCP header, or one that reaches past the end
  no_room,          // the buffer has no place for the tag
  bad_key_length,   // key or salt are not as long as the profile's
  bad_tag,          // authentication failed: a forgery, damage, or other keys
  replayed,         // this index was received before
  too_old,          // before the replay window
  too_many_sources  // more SSRCs than the limit
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "srtp")

}  // namespace weir::srtp

WEIR_ERROR_ENUM(weir::srtp::Errc)
