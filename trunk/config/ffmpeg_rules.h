#pragma once

#include <string>
#include <string_view>

#include "config/transcode.h"

namespace weir::config {

// Why FFmpeg is not run for this engine, as SRS sees it; empty: it is. `copies`: whatever it says of codecs.
std::string fault_of(const Engine& engine, bool copies);

// Why an engine cannot work whose FFmpeg is to read and write by pipes; empty: it may. Beside fault_of().
std::string fault_of_piped(const Engine& engine);
// What an engine makes, with its name filled in: two of a block that say the same make one stream.
std::string output_of(const Engine& engine);

// Why a process cannot work; empty: it may.
std::string fault_of(const StreamProcess& process);
// Whether a process is for this stream.
bool applies(const StreamProcess& process, std::string_view app, std::string_view stream);

}  // namespace weir::config
