#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/vhost.h"
#include "media/track.h"

namespace weir::session {

// A track, and the outputs of its virtual host that have no place for it: "rtmp", "flv", "ts", "mp4", "hls", "dash",
// "dvr". Those for sound alone and what the configuration leaves out on purpose are not among them.
struct LeftOut {
  media::Track track;
  std::vector<std::string_view> outputs;
};

std::vector<LeftOut> left_out(const media::Tracks& tracks, const config::Vhost& vhost);

// For the log: "Opus is not in ts, hls; AV1 is not in ts". Empty for nothing.
std::string describe(const std::vector<LeftOut>& left_out);

}  // namespace weir::session
