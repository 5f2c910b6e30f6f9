#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::redis {

enum class Errc : std::uint8_t {
  ok = 0,
  unknown_type,  // the first byte of a value
  bad_number,    // of a size, a count or an integer
  bad_end,       // no CR LF where a value ends
  long_line,     // of what has no size before it
  too_large,     // a text
  too_many,      // elements in one value
  too_deep,      // lists in lists
  unasked,       // an answer to nothing
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "redis")

}  // namespace weir::redis

WEIR_ERROR_ENUM(weir::redis::Errc)
