#include "base/log_line.h"

#include <fmt/format.h>

#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>

namespace weir::log {

namespace {

using std::string_view;

// The length of the well-formed UTF-8 sequence (RFC 3629 4) that `text` begins with; 0 if it begins with none.
std::size_t utf8_length(string_view text) {
  const auto at = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [at](std::size_t i) { return (at(i) & 0xc0U) == 0x80U; };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (lead == 0xe0 && at(1) < 0xa0) return 0;  // overlong
    if (lead == 0xed && at(1) > 0x9f) return 0;  // surrogates
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (lead == 0xf0 && at(1) < 0x90) return 0;  // overlong
    if (lead == 0xf4 && at(1) > 0x8f) return 0;  // above U+10FFFF
    return tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

bool is_control(string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 2) return first == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0;  // C1
  return sequence.size() == 1 && (first < 0x20 || first == 0x7f);
}

void append(string_view text, fmt::memory_buffer& out) { out.append(text.data(), text.data() + text.size()); }

string_view level_name(Level level) {
  constexpr std::array<string_view, 6> names{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF"};
  return names[static_cast<std::size_t>(level)];
}
string_view level_name_json(Level level) {
  constexpr std::array<string_view, 6> names{"trace", "debug", "info", "warn", "error", "off"};
  return names[static_cast<std::size_t>(level)];
}

std::string time_text(const std::tm& time, const char* format) {
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &time)};
}

}  // namespace

LineFormat::LineFormat(bool json, bool utc) : json_(json), utc_(utc), pid_(static_cast<int>(::getpid())) {}

void LineFormat::append(const Line& line, fmt::memory_buffer& out) {
  keep_second(line.time);
  if (json_) {
    append_json(line, out);
  } else {
    append_plain(line, out);
  }
}

void LineFormat::append_plain(const Line& line, fmt::memory_buffer& out) const {
  fmt::format_to(fmt::appender(out), "[{}.{:03}][{}][{}][{}]", date_, millis_, level_name(line.level), pid_,
                 line.id ? line.id.view() : string_view("-"));
  if (line.level == Level::warn || line.level == Level::error) log::append("[0]", out);
  out.push_back(' ');
  if (line.previous) fmt::format_to(fmt::appender(out), "(after {}) ", line.previous.view());
  append_escaped(line.text, out);
  out.push_back('\n');
}

void LineFormat::append_json(const Line& line, fmt::memory_buffer& out) const {
  fmt::format_to(fmt::appender(out), R"({{"time":"{}.{:03}{}","level":"{}","pid":{})", date_, millis_, zone_,
                 level_name_json(line.level), pid_);
  const auto member = [&out](string_view name, string_view value) {
    fmt::format_to(fmt::appender(out), R"(,"{}":")", name);
    append_json_escaped(value, out);
    out.push_back('"');
  };
  if (line.id) member("id", line.id.view());
  if (line.previous) member("previous", line.previous.view());
  member("text", line.text);
  log::append("}\n", out);
}

void LineFormat::keep_second(std::chrono::system_clock::time_point time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  millis_ = static_cast<unsigned>(std::chrono::floor<std::chrono::milliseconds>(time - second).count());
  if (second == second_) return;
  second_ = second;
  const std::time_t clock = std::chrono::system_clock::to_time_t(second);
  std::tm parts{};
  if (utc_) {
    ::gmtime_r(&clock, &parts);
  } else {
    ::localtime_r(&clock, &parts);
  }
  date_ = time_text(parts, json_ ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d %H:%M:%S");
  if (!json_) return;
  zone_ = utc_ ? "Z" : time_text(parts, "%z");
  if (zone_.size() == 5) zone_.insert(3, ":");  // RFC 3339 5.6 wants +02:00
}

void append_escaped(string_view text, fmt::memory_buffer& out) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const string_view sequence = text.substr(0, length == 0 ? 1 : length);
    if (length == 0 || is_control(sequence)) {
      for (const char c : sequence)
        fmt::format_to(fmt::appender(out), "\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      append(sequence, out);
    }
    text.remove_prefix(sequence.size());
  }
}

void append_json_escaped(string_view text, fmt::memory_buffer& out) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const string_view sequence = text.substr(0, length == 0 ? 1 : length);
    if (length == 0) {
      append("\xef\xbf\xbd", out);
    } else if (sequence == "\"" || sequence == "\\") {
      out.push_back('\\');
      append(sequence, out);
    } else if (is_control(sequence)) {
      // A C1 control is U+0080 to U+009F: its second byte is its number.
      fmt::format_to(fmt::appender(out), "\\u{:04x}",
                     static_cast<unsigned>(static_cast<unsigned char>(sequence.back())));
    } else {
      append(sequence, out);
    }
    text.remove_prefix(sequence.size());
  }
}

}  // namespace weir::log
