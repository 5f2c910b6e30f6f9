#include "proto/rtmp/control.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "proto/rtmp/chunk_writer.h"

namespace weir::rtmp {
namespace {

constexpr std::uint8_t dynamic_limit = 2;

void append(base::Buffer& out, MessageType type, base::Bytes payload) {
  append_message(out, {.type = type, .chunk_stream = chunk_streams::control}, payload, default_chunk_size);
}

void append_number(base::Buffer& out, MessageType type, std::uint32_t number) {
  base::Buffer payload;
  base::ByteWriter(payload).u32(number);
  append(out, type, payload);
}

}  // namespace

std::optional<UserControl> parse_user_control(base::Bytes payload) {
  base::ByteReader r{payload};
  UserControl control;
  control.event = static_cast<UserEvent>(r.u16());
  switch (control.event) {
    case UserEvent::stream_begin:
    case UserEvent::stream_eof:
    case UserEvent::stream_dry:
    case UserEvent::stream_is_recorded:
    case UserEvent::ping_request:
    case UserEvent::ping_response:
      control.value = r.u32();
      break;
    case UserEvent::set_buffer_length:
      control.value = r.u32();
      control.second = r.u32();
      break;
  }
  if (!r.ok()) return std::nullopt;
  return control;
}

std::optional<std::uint32_t> parse_number_message(base::Bytes payload) {
  base::ByteReader r{payload};
  const std::uint32_t number = r.u32();
  if (!r.ok()) return std::nullopt;
  return number;
}

void append_set_chunk_size(base::Buffer& out, std::uint32_t bytes) {
  append_number(out, MessageType::set_chunk_size, bytes);
}
void append_acknowledgement(base::Buffer& out, std::uint32_t sequence) {
  append_number(out, MessageType::acknowledgement, sequence);
}
void append_window_size(base::Buffer& out, std::uint32_t bytes) {
  append_number(out, MessageType::window_acknowledgement_size, bytes);
}

void append_peer_bandwidth(base::Buffer& out, std::uint32_t bytes) {
  base::Buffer payload;
  base::ByteWriter w(payload);
  w.u32(bytes);
  w.u8(dynamic_limit);
  append(out, MessageType::set_peer_bandwidth, payload);
}

void append_user_control(base::Buffer& out, const UserControl& control) {
  base::Buffer payload;
  base::ByteWriter w(payload);
  w.u16(static_cast<std::uint16_t>(control.event));
  w.u32(control.value);
  if (control.event == UserEvent::set_buffer_length) w.u32(control.second);
  append(out, MessageType::user_control, payload);
}

}  // namespace weir::rtmp
