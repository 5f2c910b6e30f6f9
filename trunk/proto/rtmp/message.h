#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace weir::rtmp {

// Adobe RTMP 1.0, 5.4, 6.2 and 7.1. Any other number may come from a peer too.
enum class MessageType : std::uint8_t {
  set_chunk_size = 1,
  abort = 2,
  acknowledgement = 3,
  user_control = 4,
  window_acknowledgement_size = 5,
  set_peer_bandwidth = 6,
  audio = 8,
  video = 9,
  data_amf3 = 15,
  shared_object_amf3 = 16,
  command_amf3 = 17,
  data = 18,
  shared_object = 19,
  command = 20,
  aggregate = 22,
};

constexpr bool is_media(MessageType type) {
  return type == MessageType::audio || type == MessageType::video || type == MessageType::data;
}

// The chunk streams we write on. 2 is fixed by 5.3.2; the others are customary.
namespace chunk_streams {
inline constexpr std::uint32_t control = 2;
inline constexpr std::uint32_t connection = 3;  // commands of the NetConnection
inline constexpr std::uint32_t stream = 5;      // commands and status of the NetStream
inline constexpr std::uint32_t video = 6;
inline constexpr std::uint32_t audio = 7;
inline constexpr std::uint32_t data = 8;
}  // namespace chunk_streams

// The one message stream that createStream hands out, to every client, so that the bytes of media can be shared.
inline constexpr std::uint32_t media_stream_id = 1;
inline constexpr std::uint32_t default_chunk_size = 128;  // 5.4.1, until a Set Chunk Size

// One whole message, joined from its chunks.
struct Message {
  MessageType type{};
  std::uint32_t stream_id = 0;
  std::uint32_t chunk_stream = 0;
  std::int64_t time_ms = 0;  // the sender's clock carried on past its wraps at 24, 31 and 32 bits
  base::SharedBytes payload;
  std::uint32_t size_bytes = 0;  // of the payload
  // Of a drained message (ChunkReader::set_drain) there is no payload, only its size and how it began.
  std::array<std::uint8_t, 16> head{};
};

}  // namespace weir::rtmp
