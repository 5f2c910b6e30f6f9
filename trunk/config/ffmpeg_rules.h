#pragma once

#include <string>

#include "config/transcode.h"

namespace weir::config {

// Why FFmpeg is not run for this engine, as SRS sees it; empty: it is. `copies`: whatever it says of codecs.
std::string fault_of(const Engine& engine, bool copies);

}  // namespace weir::config
