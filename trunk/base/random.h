#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"

namespace weir::base {

// From the operating system's source; fit for secrets. Any thread.
void fill_random(MutableBytes out);
std::string random_text(std::size_t size);  // characters [0-9a-z]
SessionId random_session_id();

}  // namespace weir::base
