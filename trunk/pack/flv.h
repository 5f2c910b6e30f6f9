#pragma once

#include <memory>

#include "hub/packager.h"

namespace weir::pack {

// FLV tags as they are, for HTTP/1.0.
std::unique_ptr<hub::Packager> make_flv(const config::Vhost& vhost);
// The same, each tag a chunk of an HTTP/1.1 body (RFC 9112 7.1), so that the end of the stream is told.
std::unique_ptr<hub::Packager> make_chunked_flv(const config::Vhost& vhost);
// The same, each tag a binary WebSocket message.
std::unique_ptr<hub::Packager> make_ws_flv(const config::Vhost& vhost);

}  // namespace weir::pack
