#pragma once

#include "net/life.h"
#include "net/srt/socket.h"
#include "session/srt/session.h"
#include "session/srt/wish.h"

namespace weir::session::srt {

// The parts of an SRT session that its phases hand on. Lives in the session's frame.
struct Connection {
  net::Life& life;
  Shared& shared;
  net::SrtSocket& socket;
};

// Until the caller leaves, or an error.
net::Task<base::ErrorCode> publish(Connection& connection, hub::Request request);
net::Task<base::ErrorCode> play(Connection& connection, hub::Request request);

}  // namespace weir::session::srt
