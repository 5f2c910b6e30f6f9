#include "main/schemes.h"

#include "session/pull/rtmp.h"

namespace weir::server {

session::upstream::Schemes make_schemes() {
  return session::upstream::Schemes({
      {"rtmp", session::pull::rtmp_place_of},
      {"rtmps", session::pull::rtmp_place_of},
  });
}

}  // namespace weir::server
