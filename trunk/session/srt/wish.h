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

// Errors: those of stream ids, hub::Errc::no_vhost, Errc::off_in_vhost.
base::Result<Wish> wish_of(std::string_view stream_id, const net::Peer& peer, const config::Config& config);

// How a refusal is told to a caller: a code of SRT's access_control.h.
int rejection_of(const base::ErrorCode& why);

// The secret that callers of a virtual host need; empty: none.
struct Secret {
  std::string passphrase;
  int key_bytes = 0;
};
Secret secret_of(const config::Vhost& vhost, const config::SrtServer& server);

}  // namespace weir::session::srt
