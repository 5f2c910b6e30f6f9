#pragma once

#include <memory>
#include <string>

#include "config/vhost.h"
#include "session/hls/window.h"

namespace weir::session::hls {

// What a server that was killed left on the disk of a stream's HLS (hls_recover): its newest playlist and the segments
// that this names, to go on from. Null if there is none. Of encrypted segments only the numbers are taken. Waits for
// the disk; any thread.
std::shared_ptr<const Window> read_window(const config::Vhost& vhost, const std::string& app,
                                          const std::string& stream);

}  // namespace weir::session::hls
