#include "net/websocket.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/byte_reader.h"

namespace weir::websocket {

using base::Bytes;
using base::MutableBytes;
using base::Result;

namespace {

constexpr std::size_t longest_control = 125;  // 5.5

struct FrameHead {
  bool final = false;
  Opcode opcode = Opcode::binary;
  std::uint64_t payload_size = 0;
  std::array<std::uint8_t, 4> mask{};
  std::size_t size = 0;  // of this head; 0 if it is not whole yet
};

bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

// 5.2
Result<FrameHead> parse_head(Bytes in) {
  FrameHead head;
  base::ByteReader r{in};
  const unsigned first = r.u8();
  const unsigned second = r.u8();
  if (!r.ok()) return head;
  if (first & 0x70U) return Errc::reserved_bits;  // no extension was agreed on
  const unsigned opcode = first & 0x0fU;
  if ((opcode > 2 && opcode < 8) || opcode > 10) return Errc::unknown_opcode;
  head.final = first & 0x80U;
  head.opcode = static_cast<Opcode>(opcode);
  if (!(second & 0x80U)) return Errc::not_masked;  // 5.1: a client masks every frame
  const unsigned length = second & 0x7fU;
  if (is_control(head.opcode) && !head.final) return Errc::control_fragmented;
  if (is_control(head.opcode) && length > longest_control) return Errc::control_too_long;
  head.payload_size = length;
  if (length == 126) head.payload_size = r.u16();
  if (length == 127) head.payload_size = r.u64();
  for (std::uint8_t& byte : head.mask) byte = r.u8();
  if (!r.ok()) return head;
  if (length == 126 && head.payload_size < 126) return Errc::length_not_minimal;
  if (length == 127 && head.payload_size < 0x10000) return Errc::length_not_minimal;
  if (head.payload_size >> 63U) return Errc::length_too_large;
  head.size = r.position();
  return head;
}

// RFC 3629 4: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(Bytes text) {
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = text[i++];
    if (lead < 0x80) continue;
    const unsigned more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || text.size() - i < more) return false;
    unsigned low = 0x80;
    unsigned high = 0xbf;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
    for (unsigned k = 0; k < more; ++k) {
      const unsigned byte = text[i++];
      if (byte < low || byte > high) return false;
      low = 0x80;
      high = 0xbf;
    }
  }
  return true;
}

// 7.4.1 and 7.4.2: what may stand in a close frame.
bool is_close_status(unsigned status) {
  if (status >= 3000 && status <= 4999) return true;
  return status >= 1000 && status <= 1014 && status != 1004 && status != 1005 && status != 1006;
}

}  // namespace

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::not_masked:
      return "a client's frame is not masked";
    case Errc::reserved_bits:
      return "reserved bits of a frame are set though no extension was agreed on";
    case Errc::unknown_opcode:
      return "a frame with a reserved opcode";
    case Errc::control_fragmented:
      return "a control frame is fragmented";
    case Errc::control_too_long:
      return "a control frame is longer than 125 bytes";
    case Errc::length_not_minimal:
      return "a frame length is not coded in its shortest form";
    case Errc::length_too_large:
      return "a message is longer than allowed";
    case Errc::stray_continuation:
      return "a continuation frame without a message to continue";
    case Errc::message_interrupted:
      return "a new message begins inside an unfinished one";
    case Errc::bad_close:
      return "a close frame with a cut or reserved status";
    case Errc::bad_utf8:
      return "a text that is not UTF-8";
  }
  return "unknown";
}

std::uint16_t close_status_of(Errc fault) {
  if (fault == Errc::length_too_large) return 1009;
  return fault == Errc::bad_utf8 ? 1007 : 1002;
}

std::string accept_key(std::string_view client_key) {
  const std::string joined = std::string(client_key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // 1.3
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(joined.data(), joined.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<std::uint8_t, 32> text{};
  const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
  return std::string(base::as_text(Bytes(text).first(static_cast<std::size_t>(length))));
}

bool valid_key(std::string_view client_key) {
  if (client_key.size() != 24 || !client_key.ends_with("==")) return false;
  client_key.remove_suffix(2);
  return std::all_of(client_key.begin(), client_key.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
}

std::size_t write_frame_header(MutableBytes room, Opcode opcode, std::uint64_t payload_size) {
  room[0] = static_cast<std::uint8_t>(0x80U | static_cast<unsigned>(opcode));
  std::size_t extra = 0;
  if (payload_size < 126) {
    room[1] = static_cast<std::uint8_t>(payload_size);
  } else {
    extra = payload_size < 0x10000 ? 2 : 8;
    room[1] = extra == 2 ? 126 : 127;
  }
  for (std::size_t i = 0; i < extra; ++i)
    room[2 + i] = static_cast<std::uint8_t>(payload_size >> (8 * (extra - 1 - i)));
  return 2 + extra;
}

base::Buffer close_frame(std::uint16_t status, std::string_view reason) {
  reason = reason.substr(0, longest_control - 2);
  while (!is_utf8(base::as_bytes(reason))) reason.remove_suffix(1);
  std::array<std::uint8_t, max_frame_header> head{};
  const std::size_t head_size = write_frame_header(head, Opcode::close, 2 + reason.size());
  base::Buffer frame;
  frame.append(Bytes(head).first(head_size));
  frame.append(static_cast<std::uint8_t>(status >> 8U));
  frame.append(static_cast<std::uint8_t>(status));
  frame.append(base::as_bytes(reason));
  return frame;
}

void Reader::input(Bytes bytes) {
  buffer_.consume(taken_);
  taken_ = 0;
  buffer_.append(bytes);
}

Result<std::optional<Event>> Reader::poll() {
  if (fault_) return *fault_;
  auto event = next();
  if (!event) fault_ = static_cast<Errc>(event.error().value());
  return event;
}

Result<std::optional<Event>> Reader::next() {
  if (message_done_) {
    message_.clear();
    message_done_ = false;
  }
  for (;;) {
    const Bytes in = buffer_.bytes().subspan(taken_);
    TRY(const FrameHead head, parse_head(in));
    if (head.size == 0) return std::nullopt;
    // Before its payload is waited for.
    if (head.payload_size > max_message_ || message_.size() + head.payload_size > max_message_) {
      return Errc::length_too_large;
    }
    const bool continues = head.opcode == Opcode::continuation;
    if (continues && !message_type_) return Errc::stray_continuation;
    if (!continues && !is_control(head.opcode) && message_type_) return Errc::message_interrupted;
    if (in.size() - head.size < head.payload_size) return std::nullopt;

    const MutableBytes payload{buffer_.data() + taken_ + head.size, static_cast<std::size_t>(head.payload_size)};
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] ^= head.mask[i & 3U];  // 5.3
    taken_ += head.size + payload.size();
    if (is_control(head.opcode)) return control_event(head.opcode, payload);

    message_.append(payload);
    if (!continues) message_type_ = head.opcode;
    if (!head.final) continue;
    const Opcode type = *message_type_;
    message_type_.reset();
    message_done_ = true;
    if (type == Opcode::text && !is_utf8(message_)) return Errc::bad_utf8;
    return Event{.type = type, .payload = message_};
  }
}

Result<std::optional<Event>> Reader::control_event(Opcode opcode, Bytes payload) {
  Event event{.type = opcode, .payload = payload};
  if (opcode != Opcode::close) return event;
  event.close_status = 1005;  // 7.1.5: none was given
  if (payload.empty()) return event;
  if (payload.size() == 1) return Errc::bad_close;
  event.close_status = static_cast<std::uint16_t>(payload[0] << 8U | payload[1]);
  event.payload = payload.subspan(2);
  if (!is_close_status(event.close_status)) return Errc::bad_close;
  if (!is_utf8(event.payload)) return Errc::bad_utf8;
  return event;
}

}  // namespace weir::websocket
