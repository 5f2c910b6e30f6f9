#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"

// The numbers in an FLV's metadata that are known only at its end, in AMF0: a marker and eight bytes.
namespace weir::record {

// Where the eight bytes of a property are that is zero still; 0 if there is none.
std::size_t open_number_at(base::Bytes script_data, std::string_view property);
base::Buffer number_bytes(double value);

}  // namespace weir::record
