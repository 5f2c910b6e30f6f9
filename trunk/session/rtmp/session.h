#pragma once

#include <functional>
#include <memory>

#include "base/bytes.h"
#include "hub/hub.h"
#include "net/byte_stream.h"
#include "net/life.h"
#include "net/task.h"

namespace weir::session::rtmp {

// What all RTMP sessions of one worker share.
struct Shared {
  hub::Hub& hub;
  // Asked about an edge at its connect, which is all that it says on behalf of a client (token_traverse). Unset: all of
  // them connect.
  std::function<net::Task<base::Result<void>>(net::Life&, const hub::Request&)> judge_connect{};
  base::Buffer room{128 * 1024};  // bytes between a read and the parser; used without waiting, so one serves all
};

// One RTMP connection from its first byte to its last: handshake, connect, then publish or play, any number of times.
// Its Life ends it.
net::Task<void> serve(net::Life& life, Shared& shared, net::ByteStream& stream);

}  // namespace weir::session::rtmp
