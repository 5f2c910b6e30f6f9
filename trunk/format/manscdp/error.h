#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::manscdp {

// What the body of a device's message had wrong.
enum class Errc : std::uint8_t {
  ok = 0,
  too_long,     // more than most_bytes
  too_deep,     // more than most_depth elements inside each other
  too_many,     // more than most_elements
  has_dtd,      // a document type: no device needs one
  cut_off,      // it ends inside a tag, a comment or an element
  bad_tag,      // no name, or an end that is not that of the element
  no_element,   // nothing but text
  not_manscdp,  // the root is none of Query, Control, Notify, Response, or there is no CmdType
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "manscdp")

}  // namespace weir::manscdp

WEIR_ERROR_ENUM(weir::manscdp::Errc)
