#include "session/webrtc/doors.h"

namespace weir::session::webrtc {

Doors make_doors(hub::Hub& hub) {
  return {.publish = [&hub](net::Life& life, hub::Request request,
                            hub::Link link) { return publish(hub, life, std::move(request), link); },
          .play = [&hub](net::Life& life, hub::Request request,
                         hub::Link link) { return play(hub, life, std::move(request), link); }};
}

}  // namespace weir::session::webrtc
