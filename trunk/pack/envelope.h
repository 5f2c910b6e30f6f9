#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/slab.h"

namespace weir::pack {

// What goes around each message of a live stream over HTTP.
enum class Envelope : std::uint8_t {
  none,       // HTTP/1.0: bytes as they are
  chunk,      // a chunk of an HTTP/1.1 body (RFC 9112 7.1), so that the end of the stream is told
  websocket,  // a binary WebSocket message (RFC 6455 5.2)
};

std::size_t head_bytes(Envelope envelope, std::size_t size);
std::size_t tail_bytes(Envelope envelope);
// Writes the head of a message of `size` bytes; gives its length.
std::size_t write_head(Envelope envelope, base::MutableBytes room, std::size_t size);
void write_tail(Envelope envelope, base::MutableBytes room);

// The bytes with the envelope around them; nothing around nothing. In the slab, so that neighbours leave in one send;
// `apart` from it for what only newcomers get, which would tear the neighbours apart.
base::SharedBytes wrap(Envelope envelope, base::Bytes bytes, base::Slab& slab);
base::SharedBytes wrap_apart(Envelope envelope, base::Bytes bytes);

}  // namespace weir::pack
