#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// PTZCmd of DeviceControl: eight bytes in hexadecimal (GB/T 28181 annex A.3).
namespace weir::manscdp {

// Speeds from 0 to 255; that of the zoom has four bits, of which the upper ones of `zoom_speed` are sent.
struct PtzMove {
  enum class Pan : std::uint8_t { none, left, right } pan = Pan::none;
  enum class Tilt : std::uint8_t { none, up, down } tilt = Tilt::none;
  enum class Zoom : std::uint8_t { none, in, out } zoom = Zoom::none;
  std::uint8_t pan_speed = 0, tilt_speed = 0, zoom_speed = 0;
};
// All of it none: stop.
std::string ptz_move(const PtzMove& move);

enum class Lens : std::uint8_t { stop, focus_near, focus_far, iris_open, iris_close };
std::string ptz_lens(Lens what, std::uint8_t speed);

enum class Preset : std::uint8_t { set = 0x81, call = 0x82, remove = 0x83 };
// Presets are numbered from 1 to 255.
std::string ptz_preset(Preset what, std::uint8_t number);

// The eight bytes, if they are that and their sum is right.
std::optional<std::array<std::uint8_t, 8>> parse_ptz(std::string_view hex);
// Whether it turns the camera, works its lens, or stops either (A.3.2, A.3.3): no presets, cruises, scans and auxiliary
// switches, which stay behind or are something else: a wiper, a light.
bool moves(const std::array<std::uint8_t, 8>& command);

}  // namespace weir::manscdp
