#pragma once

#include <cstdint>

#include "hub/hub.h"
#include "net/life.h"
#include "net/srt/socket.h"
#include "net/task.h"

namespace weir::session::srt {

// What all SRT sessions of one worker share.
struct Shared {
  hub::Hub& hub;
};

// One SRT connection from its handshake on: it publishes or plays one stream, as its stream id says. `at`: the port
// that it called. Its Life ends it.
net::Task<void> serve(net::Life& life, Shared& shared, net::SrtSocket& socket, const config::Endpoint& at);

}  // namespace weir::session::srt
