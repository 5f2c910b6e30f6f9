#pragma once

#include "net/byte_stream.h"
#include "net/http/router.h"
#include "net/http/server.h"
#include "net/life.h"

namespace weir::http2 {

// The first bytes of each connection (RFC 9113 3.4); no request of HTTP/1 begins so.
inline constexpr std::string_view preface_begin = "PRI ";

// Whether this program was built with nghttp2.
bool is_built();

// Serves HTTP/2 on a connection until it ends: each request as an Exchange of its own, in a session of its own, on the
// same worker. Returns when the last of them is gone. What is passed outlives the task; the stream is shut down. Polite
// stops let answers end first.
net::Task<void> serve_connection(net::ByteStream& stream, const http::Router& router,
                                 const http::ServerOptions& options, net::Life& life);

}  // namespace weir::http2
