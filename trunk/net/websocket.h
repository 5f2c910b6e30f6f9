#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

// RFC 6455, the server's side, without sockets: bytes in, events out; and frame headers for whoever sends.
namespace weir::websocket {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

enum class Errc : std::uint8_t {
  ok = 0,
  not_masked,
  reserved_bits,
  unknown_opcode,
  control_fragmented,
  control_too_long,
  length_not_minimal,
  length_too_large,
  stray_continuation,
  message_interrupted,
  bad_close,
  bad_utf8,
};
const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "websocket")
// The status of the close frame that answers this fault (7.4.1).
std::uint16_t close_status_of(Errc fault);

// "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" for "dGhlIHNhbXBsZSBub25jZQ==" (1.3).
std::string accept_key(std::string_view client_key);
// Whether the key is 16 bytes in base64 (4.2.1).
bool valid_key(std::string_view client_key);

inline constexpr std::size_t max_frame_header = 10;
// Header of a whole, unmasked message (FIN set). Gives its length; `room` holds at least max_frame_header.
std::size_t write_frame_header(base::MutableBytes room, Opcode opcode, std::uint64_t payload_size);
// A close frame with a status and a reason that is cut to fit.
base::Buffer close_frame(std::uint16_t status, std::string_view reason = {});

struct Event {
  Opcode type = Opcode::binary;    // text, binary, ping, pong, close
  base::Bytes payload{};           // unmasked; of a close its reason; valid until the next call of input() or poll()
  std::uint16_t close_status = 0;  // of a close: 1005 if the peer gave none
};

// Reads what a client sends. Messages are joined from their fragments, up to `max_message` bytes.
//
//   TRY_VOID(reader.input(bytes));  while (true) { TRY(auto event, reader.poll()); if (!event) break; ... }
class Reader {
 public:
  explicit Reader(std::size_t max_message = 64 * 1024) : max_message_(max_message) {}

  void input(base::Bytes bytes);
  // The next whole message or control frame; none if more input is needed. After an error nothing more comes.
  base::Result<std::optional<Event>> poll();

 private:
  base::Result<std::optional<Event>> next();
  static base::Result<std::optional<Event>> control_event(Opcode opcode, base::Bytes payload);

  // given
  std::size_t max_message_;

  // state
  base::Buffer buffer_;    // unread input
  std::size_t taken_ = 0;  // bytes at its front that were handed out
  base::Buffer message_;   // fragments so far
  std::optional<Opcode> message_type_;
  bool message_done_ = false;
  std::optional<Errc> fault_;
};

}  // namespace weir::websocket

WEIR_ERROR_ENUM(weir::websocket::Errc)
