#include "app/bench/rtmp_wire.h"

#include <algorithm>

#include "base/byte_writer.h"

namespace weir::bench {

void append_message(base::Buffer& out, std::uint32_t chunk_stream, std::uint8_t type, std::uint32_t time_ms,
                    std::uint32_t stream_id, base::Bytes payload, std::uint32_t chunk_size) {
  base::ByteWriter w{out};
  const bool extended = time_ms >= 0xffffff;
  w.u8(chunk_stream);
  w.u24(extended ? 0xffffff : time_ms);
  w.u24(payload.size());
  w.u8(type);
  for (int shift = 0; shift < 32; shift += 8) w.u8(stream_id >> shift & 0xff);  // little-endian, 5.3.1.2.1
  if (extended) w.u32(time_ms);
  while (true) {
    const std::size_t count = std::min<std::size_t>(chunk_size, payload.size());
    w.bytes(payload.first(count));
    payload = payload.subspan(count);
    if (payload.empty()) return;
    w.u8(0xc0 | chunk_stream);
    if (extended) w.u32(time_ms);
  }
}

void append_control(base::Buffer& out, std::uint8_t type, std::uint32_t value) {
  base::Buffer payload;
  base::ByteWriter{payload}.u32(value);
  append_message(out, 2, type, 0, 0, payload, 128);
}

void append_pong(base::Buffer& out, std::uint32_t time) {
  base::Buffer payload;
  base::ByteWriter w{payload};
  w.u16(7);
  w.u32(time);
  append_message(out, 2, 4, 0, 0, payload, 128);
}

}  // namespace weir::bench
