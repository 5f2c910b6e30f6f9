#include "format/manscdp/ptz.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/digest.h"

namespace weir::manscdp {

namespace {

std::uint8_t sum_of(base::Bytes bytes) {
  unsigned sum = 0;
  for (const std::uint8_t byte : bytes) sum += byte;
  return static_cast<std::uint8_t>(sum);
}

// The first byte; version 1.0 and the check of it, (A + 5 + 0) mod 16; address 1; command; two bytes; four bits; sum.
std::string command(unsigned code, unsigned fifth, unsigned sixth, unsigned seventh) {
  std::array<std::uint8_t, 8> bytes{0xa5,
                                    0x0f,
                                    0x01,
                                    static_cast<std::uint8_t>(code),
                                    static_cast<std::uint8_t>(fifth),
                                    static_cast<std::uint8_t>(sixth),
                                    static_cast<std::uint8_t>(seventh & 0xf0),
                                    0};
  bytes[7] = sum_of(base::Bytes(bytes).first(7));
  std::string hex = base::to_hex(bytes);
  for (char& c : hex) c = static_cast<char>(c >= 'a' ? c - 32 : c);
  return hex;
}

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  c = static_cast<char>(c | 0x20);
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

std::string ptz_move(const PtzMove& move) {
  unsigned code = 0;
  if (move.pan == PtzMove::Pan::right) code |= 0x01;
  if (move.pan == PtzMove::Pan::left) code |= 0x02;
  if (move.tilt == PtzMove::Tilt::down) code |= 0x04;
  if (move.tilt == PtzMove::Tilt::up) code |= 0x08;
  if (move.zoom == PtzMove::Zoom::in) code |= 0x10;
  if (move.zoom == PtzMove::Zoom::out) code |= 0x20;
  return command(code, (code & 0x03) != 0 ? move.pan_speed : 0, (code & 0x0c) != 0 ? move.tilt_speed : 0,
                 (code & 0x30) != 0 ? move.zoom_speed : 0);
}

std::string ptz_lens(Lens what, std::uint8_t speed) {
  switch (what) {
    case Lens::stop:
      break;
    case Lens::focus_far:
      return command(0x41, speed, 0, 0);
    case Lens::focus_near:
      return command(0x42, speed, 0, 0);
    case Lens::iris_open:
      return command(0x44, 0, speed, 0);
    case Lens::iris_close:
      return command(0x48, 0, speed, 0);
  }
  return command(0x40, 0, 0, 0);
}

std::string ptz_preset(Preset what, std::uint8_t number) { return command(static_cast<unsigned>(what), 0, number, 0); }

std::optional<std::array<std::uint8_t, 8>> parse_ptz(std::string_view hex) {
  if (hex.size() != 16) return std::nullopt;
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  if (bytes[0] != 0xa5 || bytes[7] != sum_of(base::Bytes(bytes).first(7))) return std::nullopt;
  return bytes;
}

bool moves(const std::array<std::uint8_t, 8>& command) {
  // 00xxxxxx: pan, tilt and zoom; 0100xxxx: focus and iris. 1xxxxxxx is all else.
  return (command[3] & 0xc0) == 0 || (command[3] & 0xf0) == 0x40;
}

}  // namespace weir::manscdp
