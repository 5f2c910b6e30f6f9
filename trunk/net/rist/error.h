#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::net {

enum class RistErrc : std::uint8_t {
  ok = 0,
  not_built,  // without librist
  context,    // the library gave no context
  busy,       // it is ending another one, and does one thing at a time
  peer,       // it took no peer: mostly, the port is in use
  start,      // its threads did not start
  write,      // it did not take a packet
};

const char* describe(RistErrc code);
inline const base::EnumCategory<RistErrc, &describe> rist_errc_category{"rist"};
inline base::ErrorCode make_error_code(RistErrc code) { return {static_cast<int>(code), rist_errc_category}; }

}  // namespace weir::net

WEIR_ERROR_ENUM(weir::net::RistErrc)
