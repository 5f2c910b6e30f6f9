#include "proto/rtmp/chunk_writer.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "proto/rtmp/wire_time.h"

namespace weir::rtmp {
namespace {

[[maybe_unused]] constexpr std::size_t longest_payload = 0xffffff;  // only asserted

struct Header {
  std::uint8_t format = 0;
  OutMessage message;
  std::uint32_t time_field = 0;  // absolute or difference
  std::size_t payload_bytes = 0;
};

std::size_t basic_size(std::uint32_t chunk_stream) { return chunk_stream < 64 ? 1 : chunk_stream < 320 ? 2 : 3; }

std::size_t first_header_size(const Header& h) {
  static constexpr std::size_t sizes[] = {11, 7, 3, 0};
  return basic_size(h.message.chunk_stream) + sizes[h.format] + (h.time_field >= extended_mark ? 4 : 0);
}

std::size_t next_header_size(const Header& h) {
  return basic_size(h.message.chunk_stream) + (h.time_field >= extended_mark ? 4 : 0);
}

std::uint8_t* put_big(std::uint8_t* at, std::uint32_t value, unsigned size) {
  while (size-- > 0) *at++ = static_cast<std::uint8_t>(value >> (8 * size));
  return at;
}

std::uint8_t* put_basic(std::uint8_t* at, unsigned format, std::uint32_t chunk_stream) {  // 5.3.1.1
  const std::uint32_t top = format << 6;
  if (chunk_stream < 64) return put_big(at, top | chunk_stream, 1);
  const std::uint32_t above = chunk_stream - 64;
  at = put_big(at, above < 256 ? top : top | 1, 1);
  at = put_big(at, above & 0xff, 1);
  return above < 256 ? at : put_big(at, above >> 8, 1);
}

std::uint8_t* put_first_header(std::uint8_t* at, const Header& h) {
  at = put_basic(at, h.format, h.message.chunk_stream);
  if (h.format < 3) at = put_big(at, std::min(h.time_field, extended_mark), 3);
  if (h.format < 2) {
    at = put_big(at, static_cast<std::uint32_t>(h.payload_bytes), 3);
    *at++ = static_cast<std::uint8_t>(h.message.type);
  }
  if (h.format == 0) {
    for (unsigned shift = 0; shift < 32; shift += 8) *at++ = static_cast<std::uint8_t>(h.message.stream_id >> shift);
  }
  if (h.time_field >= extended_mark) at = put_big(at, h.time_field, 4);
  return at;
}

std::size_t chunks_size(const Header& h, std::uint32_t chunk_size) {
  const std::size_t more = h.payload_bytes == 0 ? 0 : (h.payload_bytes - 1) / chunk_size;
  return first_header_size(h) + h.payload_bytes + more * next_header_size(h);
}

std::size_t put_chunks(std::uint8_t* const start, const Header& h, std::span<const base::Bytes> parts,
                       std::uint32_t chunk_size) {
  std::uint8_t* at = put_first_header(start, h);
  std::size_t room = chunk_size;
  for (base::Bytes part : parts) {
    while (!part.empty()) {
      if (room == 0) {
        at = put_basic(at, 3, h.message.chunk_stream);
        if (h.time_field >= extended_mark) at = put_big(at, h.time_field, 4);
        room = chunk_size;
      }
      const std::size_t count = std::min(room, part.size());
      std::memcpy(at, part.data(), count);
      at += count;
      room -= count;
      part = part.subspan(count);
    }
  }
  return static_cast<std::size_t>(at - start);
}

void append_chunks(base::Buffer& out, const Header& h, std::span<const base::Bytes> parts, std::uint32_t chunk_size) {
  const std::size_t before = out.size();
  out.resize(before + chunks_size(h, chunk_size));
  put_chunks(out.data() + before, h, parts, chunk_size);
}

std::size_t total(std::span<const base::Bytes> parts) {
  std::size_t size = 0;
  for (const base::Bytes part : parts) size += part.size();
  assert(size <= longest_payload && "a message has a length of 24 bits");
  return size;
}

}  // namespace

std::size_t wire_size(const OutMessage& message, std::size_t payload_bytes, std::uint32_t chunk_size) {
  return chunks_size({0, message, message.time_ms, payload_bytes}, chunk_size);
}

std::size_t write_message(base::MutableBytes out, const OutMessage& message, std::span<const base::Bytes> parts,
                          std::uint32_t chunk_size) {
  const Header header{0, message, message.time_ms, total(parts)};
  assert(out.size() >= chunks_size(header, chunk_size) && "the room was not asked of wire_size()");
  return put_chunks(out.data(), header, parts, chunk_size);
}

void append_message(base::Buffer& out, const OutMessage& message, std::span<const base::Bytes> parts,
                    std::uint32_t chunk_size) {
  append_chunks(out, {0, message, message.time_ms, total(parts)}, parts, chunk_size);
}

void append_message(base::Buffer& out, const OutMessage& message, base::Bytes payload, std::uint32_t chunk_size) {
  append_message(out, message, std::span(&payload, 1), chunk_size);
}

void ChunkWriter::append(base::Buffer& out, const OutMessage& message, std::span<const base::Bytes> parts) {
  Header header{0, message, message.time_ms, total(parts)};
  auto previous = std::find_if(streams_.begin(), streams_.end(), [&](const Previous& stream) {
    return stream.message.chunk_stream == message.chunk_stream;
  });
  bool has_difference = false;
  if (previous == streams_.end()) {
    previous = streams_.emplace(streams_.end());
  } else if (previous->message.stream_id == message.stream_id && message.time_ms >= previous->message.time_ms &&
             message.time_ms - previous->message.time_ms < extended_mark) {
    // A chunk of type 3 that begins a message means another thing to each peer behind a type 0 or with an extended
    // timestamp: there it is not used.
    header.time_field = message.time_ms - previous->message.time_ms;
    has_difference = true;
    header.format = 1;
    if (previous->message.type == message.type && previous->size == header.payload_bytes) {
      const bool same = previous->has_difference && previous->difference == header.time_field;
      header.format = same ? 3 : 2;
    }
  }
  *previous = {message, header.payload_bytes, header.time_field, has_difference};
  append_chunks(out, header, parts, chunk_size_);
}

void ChunkWriter::append(base::Buffer& out, const OutMessage& message, base::Bytes payload) {
  append(out, message, std::span(&payload, 1));
}

}  // namespace weir::rtmp
