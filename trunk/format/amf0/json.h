#pragma once

#include <string>

#include "format/amf0/value.h"

namespace weir::amf0 {

// The value as JSON (RFC 8259): objects and ECMA arrays as objects, dates as milliseconds since 1970; null for what is
// neither there nor has a place: undefined, references, numbers that are none.
std::string to_json(const Value& value);

}  // namespace weir::amf0
