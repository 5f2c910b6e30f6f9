#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "proto/rtmp/message.h"

namespace weir::rtmp {

// 7.1.7
enum class UserEvent : std::uint16_t {
  stream_begin = 0,
  stream_eof = 1,
  stream_dry = 2,
  set_buffer_length = 3,
  stream_is_recorded = 4,
  ping_request = 6,
  ping_response = 7,
};

struct UserControl {
  UserEvent event{};
  std::uint32_t value = 0;   // the message stream, or the time of a ping
  std::uint32_t second = 0;  // the length in milliseconds of set_buffer_length
};

// None if the message is shorter than its event needs; events that we do not know need two bytes.
std::optional<UserControl> parse_user_control(base::Bytes payload);

// The number of an Acknowledgement or a Window Acknowledgement Size; none if there are under four bytes.
std::optional<std::uint32_t> parse_number_message(base::Bytes payload);

// Control messages, each in one chunk of any size.
void append_set_chunk_size(base::Buffer& out, std::uint32_t bytes);
void append_acknowledgement(base::Buffer& out, std::uint32_t sequence);
void append_window_size(base::Buffer& out, std::uint32_t bytes);
void append_peer_bandwidth(base::Buffer& out, std::uint32_t bytes);  // limit type dynamic, 5.4.5
void append_user_control(base::Buffer& out, const UserControl& control);

}  // namespace weir::rtmp
