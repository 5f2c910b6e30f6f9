#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "proto/rtmp/message.h"

namespace weir::rtmp {

// What stands in a message header; 5.3.1.
struct OutMessage {
  MessageType type{};
  std::uint32_t chunk_stream = chunk_streams::connection;  // 2 to 65599
  std::uint32_t stream_id = 0;
  std::uint32_t time_ms = 0;
};

// Bytes that write_message() needs for a payload of that size.
std::size_t wire_size(const OutMessage& message, std::size_t payload_bytes, std::uint32_t chunk_size);

// Writes one message as chunks: a header of type 0, then of type 3, each with the extended timestamp if there is one.
// The payload is the parts one behind the other, such as the few bytes of an FLV body header and a frame. `out` has at
// least wire_size() bytes; returns how many were written. Such bytes do not depend on what went before, so that they
// can be shared by all players. Payloads are at most 16 MiB - 1.
std::size_t write_message(base::MutableBytes out, const OutMessage& message, std::span<const base::Bytes> parts,
                          std::uint32_t chunk_size);
// The same, appended.
void append_message(base::Buffer& out, const OutMessage& message, std::span<const base::Bytes> parts,
                    std::uint32_t chunk_size);
void append_message(base::Buffer& out, const OutMessage& message, base::Bytes payload, std::uint32_t chunk_size);

// Writes the messages of one connection with the shortest headers: types 1, 2 and 3 where the message before it on its
// chunk stream allows.
class ChunkWriter {
 public:
  void append(base::Buffer& out, const OutMessage& message, std::span<const base::Bytes> parts);
  void append(base::Buffer& out, const OutMessage& message, base::Bytes payload);
  // For what follows; telling the peer is the caller's.
  void set_chunk_size(std::uint32_t size) { chunk_size_ = size; }
  std::uint32_t chunk_size() const { return chunk_size_; }

 private:
  struct Previous {
    OutMessage message;
    std::size_t size = 0;
    std::uint32_t difference = 0;
    bool has_difference = false;
  };
  std::vector<Previous> streams_;
  std::uint32_t chunk_size_ = default_chunk_size;
};

}  // namespace weir::rtmp
