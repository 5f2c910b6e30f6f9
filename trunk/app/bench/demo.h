#pragma once

#include <span>
#include <string_view>

#include "app/bench/clip.h"

namespace weir::bench {

// The test picture that is part of the program: ten seconds of H.264 and AAC, made by research/demo/make. Nothing of it
// is stamped.
Clip demo_clip();

// `weir demo [rtmp://HOST[:PORT]/APP/STREAM]`: publishes the test picture until SIGINT or SIGTERM. A server that is not
// there yet, or goes away, is tried again each second. Returns the exit status of the process: 0, 1 when the server
// refuses, 2 for wrong arguments. Waits for the two signals on this thread.
int run_demo(std::span<const std::string_view> arguments);

}  // namespace weir::bench
