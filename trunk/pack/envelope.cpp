#include "pack/envelope.h"

#include "net/http/exchange.h"
#include "net/websocket.h"

namespace weir::pack {

using base::Bytes;
using base::MutableBytes;

namespace {

std::size_t wrapped_bytes(Envelope envelope, std::size_t size) {
  return head_bytes(envelope, size) + size + tail_bytes(envelope);
}

void wrap_into(Envelope envelope, MutableBytes room, Bytes bytes) {
  const std::size_t head = write_head(envelope, room, bytes.size());
  std::memcpy(room.data() + head, bytes.data(), bytes.size());
  write_tail(envelope, room.subspan(head + bytes.size()));
}

}  // namespace

std::size_t head_bytes(Envelope envelope, std::size_t size) {
  if (envelope == Envelope::none) return 0;
  if (envelope == Envelope::websocket) return size < 126 ? 2 : size < 65536 ? 4 : 10;  // RFC 6455 5.2
  std::size_t digits = 1;                                                              // RFC 9112 7.1, hexadecimal
  for (std::size_t left = size >> 4; left != 0; left >>= 4) ++digits;
  return digits + 2;
}

std::size_t tail_bytes(Envelope envelope) { return envelope == Envelope::chunk ? http::chunk_end.size() : 0; }

std::size_t write_head(Envelope envelope, MutableBytes room, std::size_t size) {
  if (envelope == Envelope::chunk) return http::write_chunk_head(room, size);
  if (envelope == Envelope::websocket) return websocket::write_frame_header(room, websocket::Opcode::binary, size);
  return 0;
}

void write_tail(Envelope envelope, MutableBytes room) {
  if (envelope == Envelope::chunk) std::memcpy(room.data(), http::chunk_end.data(), http::chunk_end.size());
}

base::SharedBytes wrap(Envelope envelope, Bytes bytes, base::Slab& slab) {
  if (bytes.empty()) return {};
  const std::size_t size = wrapped_bytes(envelope, bytes.size());
  wrap_into(envelope, slab.reserve(size), bytes);
  return slab.commit(size);
}

base::SharedBytes wrap_apart(Envelope envelope, Bytes bytes) {
  if (bytes.empty()) return {};
  const std::size_t size = wrapped_bytes(envelope, bytes.size());
  base::Block block = base::Block::allocate(size);
  wrap_into(envelope, {block.data(), size}, bytes);
  const std::uint8_t* data = block.data();
  return {std::move(block), data, size};
}

}  // namespace weir::pack
