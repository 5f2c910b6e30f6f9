#pragma once

#include "hub/registry.h"
#include "net/srt/socket.h"

namespace weir::session {

// What callers and called have in common.

// The connection as the hub knows it; the socket outlives it.
hub::Link srt_link(const net::SrtSocket& socket);
// Warns of a latency that smells of the wrong unit.
void look_at_latency(const log::Context& log, const net::SrtSocket& socket);
// "latency 120/120 ms, AES-128"
std::string srt_terms(const net::SrtSocket& socket);

}  // namespace weir::session
