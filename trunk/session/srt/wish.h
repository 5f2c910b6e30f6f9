#pragma once

#include <string_view>

#include "config/config.h"
#include "hub/request.h"
#include "net/byte_stream.h"
#include "proto/srt/streamid.h"

namespace weir::session::srt {

// What a caller wants, in the terms of this server.
struct Wish {
  hub::Action action = hub::Action::play;
  hub::Request request;
};

// `server`: of the port that was called. Errors: those of stream ids, hub::Errc::no_vhost, Errc::off_in_vhost,
// plays_only, takes_only.
base::Result<Wish> wish_of(std::string_view stream_id, const net::Peer& peer, const config::Config& config,
                           const config::SrtServer& server);

// How a refusal is told to a caller: a code of SRT's access_control.h.
int rejection_of(const base::ErrorCode& why);

}  // namespace weir::session::srt
