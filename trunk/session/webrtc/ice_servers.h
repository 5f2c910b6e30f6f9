#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "config/protocols.h"

namespace weir::session::webrtc {

// The values of Link headers that tell a client of servers of STUN and TURN (RFC 9725 4.6), one for each URL. Where the
// TURN server shares a secret with us, name and password are made for this answer and end with `lifetime`: the name is
// the Unix time of the end and the configured name behind a colon, the password base64 of the HMAC-SHA1 of the name
// (draft-uberti-behave-turn-rest-00, coturn's use-auth-secret).
std::vector<std::string> ice_server_links(const std::vector<config::IceServer>& servers,
                                          std::chrono::system_clock::time_point now);

}  // namespace weir::session::webrtc
