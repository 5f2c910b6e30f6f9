#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::amf0 {

enum class Errc : std::uint8_t {
  ok = 0,
  truncated,        // the bytes end inside a value
  length_past_end,  // a string or name says that it is longer than what is left
  count_past_end,   // an array says that it has more elements than there are bytes left
  too_deep,         // more objects inside each other than the limit
  too_many_values,  // more values in one message than the limit
  unknown_marker,   // a type marker that AMF0 does not have
  reserved_marker,  // movieclip or recordset, which no peer may send
  amf3_value,       // avmplus marker: an AMF3 value inside AMF0
  unexpected_type,  // a value of another type than this place asks for
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "amf0")

}  // namespace weir::amf0

WEIR_ERROR_ENUM(weir::amf0::Errc)
