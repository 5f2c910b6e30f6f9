#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace weir::bench {

inline constexpr std::size_t handshake_answer_size = 1 + 1536 + 1536;  // S0, S1 and S2

// Appends one RTMP message: a type 0 chunk header, the payload, and type 3 headers in between where it is longer than a
// chunk.
void append_message(base::Buffer& out, std::uint32_t chunk_stream, std::uint8_t type, std::uint32_t time_ms,
                    std::uint32_t stream_id, base::Bytes payload, std::uint32_t chunk_size);
// The four-byte control messages: Set Chunk Size (1), Acknowledgement (3), Window Acknowledgement Size (5).
void append_control(base::Buffer& out, std::uint8_t type, std::uint32_t value);
// User Control Ping Response (event 7).
void append_pong(base::Buffer& out, std::uint32_t time);

}  // namespace weir::bench
