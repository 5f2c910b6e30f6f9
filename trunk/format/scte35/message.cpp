#include <algorithm>
#include <array>

#include "format/flv/script_data.h"
#include "format/scte35/section.h"

// What publishers by RTMP say of breaks.

namespace weir::scte35 {
namespace {

constexpr std::size_t largest_message_bytes = 16 * 1024;
constexpr unsigned largest_values = 256;

int digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

int hex_digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

base::Buffer from_base64(std::string_view text) {
  base::Buffer out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    const int digit = digit_of(c);
    if (digit < 0) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    if ((count += 6) < 8) continue;
    count -= 8;
    out.append(static_cast<std::uint8_t>(bits >> count));
  }
  return out;
}

base::Buffer from_hex(std::string_view text) {
  base::Buffer out;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    const int high = hex_digit_of(text[at]), low = hex_digit_of(text[at + 1]);
    if (high < 0 || low < 0) return {};
    out.append(static_cast<std::uint8_t>(high << 4 | low));
  }
  return out;
}

base::Buffer section_in(std::string_view text) {
  if (text.size() < 20 || text.size() > 2 * largest_section_bytes) return {};
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  base::Buffer out = is_hex ? from_hex(text.substr(2)) : from_base64(text);
  return parse(out) ? std::move(out) : base::Buffer();
}

base::Buffer section_in(const amf0::Value& value, unsigned depth = 0) {
  if (value.is_text()) return section_in(value.as_text());
  if (depth == 4) return {};
  for (const amf0::Property& property : value.properties()) {
    if (base::Buffer found = section_in(property.value, depth + 1); !found.empty()) return found;
  }
  for (const amf0::Value& element : value.elements()) {
    if (base::Buffer found = section_in(element, depth + 1); !found.empty()) return found;
  }
  return {};
}

std::optional<base::Ticks> seconds_at(const amf0::Value& value, std::string_view name) {
  const double seconds = value.number_at(name);
  if (!(seconds > 0) || seconds > 86'400) return {};
  return base::Ticks(static_cast<std::int64_t>(seconds * 90'000));
}

std::uint32_t event_at(const amf0::Value& value, std::string_view name) {
  const double number = value.number_at(name);
  return number >= 0 && number < 4'294'967'296.0 ? static_cast<std::uint32_t>(number) : 0;
}

}  // namespace

base::Buffer of_message(base::Bytes script_data) {
  if (script_data.size() > largest_message_bytes) return {};
  const std::string_view name = flv::script_data_name(script_data);
  if (name != "onCuePoint" && name != "onAdCue" && name != "onTextData") return {};
  const auto message = flv::parse_script_data(script_data, largest_values);
  if (!message) return {};
  const amf0::Value& value = message->value;
  if (base::Buffer found = section_in(value); !found.empty()) return found;
  if (name == "onAdCue" && value.text_at("type") == "SpliceOut") {
    return insert(event_at(value, "id"), true, seconds_at(value, "duration"));
  }
  if (name == "onCuePoint" && value.find("cue_point_start")) {  // com.youtube.cuepoint
    return insert(event_at(value, "splice_event_id"), value.find("cue_point_start")->as_boolean(),
                  seconds_at(value, "break_duration_sec"));
  }
  return {};
}

}  // namespace weir::scte35
