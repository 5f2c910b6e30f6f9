#include "main/schemes.h"

#include "session/pull/rtmp.h"
#include "session/pull/srt.h"
#include "session/pull/udp.h"

namespace weir::server {

session::upstream::Schemes make_schemes(const session::upstream::SrtLine& srt) {
  return session::upstream::Schemes({
      {"rtmp", session::pull::rtmp_place_of},
      {"rtmps", session::pull::rtmp_place_of},
      {"rtp", session::pull::udp_place_of},
      {"udp", session::pull::udp_place_of},
      {"srt", [&srt](const std::string& url) { return session::pull::srt_place_of(srt, url); }},
  });
}

}  // namespace weir::server
