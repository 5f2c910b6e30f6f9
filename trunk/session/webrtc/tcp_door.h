#pragma once

#include <memory>

#include "net/byte_stream.h"
#include "net/life.h"
#include "net/task.h"
#include "session/webrtc/service.h"

namespace weir::session::webrtc {

// A peer that came by TCP (RFC 6544, we are the passive side): its first packet is a check, which says whose session it
// is of, and the connection goes on at that session's worker. `seat` is held as long as it lives.
net::Task<void> serve_tcp(net::Life& life, Service& service, std::unique_ptr<net::ByteStream> stream,
                          std::shared_ptr<const void> seat);

}  // namespace weir::session::webrtc
