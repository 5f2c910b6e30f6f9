#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::auth {

// Why a client may not publish or play, or no longer. The words may be shown to it.
enum class Errc : std::uint8_t {
  ok = 0,
  address_denied,
  address_not_allowed,
  refer,          // the page is of another site
  no_token,       // the URL has none
  bad_token,      // no token of this scheme
  bad_algorithm,  // "none", one that is unknown, or one that the configured key is not for
  bad_signature,
  expired,
  not_yet,
  no_expiry,
  other_stream,    // the token is for another virtual host, app or stream
  other_action,    // it is for playing, or for publishing
  other_audience,  // issuer or audience are not the configured ones
  unknown_key,     // it names a key that the set has not
  no_key,          // ours: no key is configured, or it cannot be read
  bad_key_set,     // of a set of keys that was fetched
  nobody_plays,    // kickoff_for_idle
  bitrate_exceeded,
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "auth")

}  // namespace weir::auth

WEIR_ERROR_ENUM(weir::auth::Errc)
