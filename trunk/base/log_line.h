#pragma once

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/log.h"

namespace weir::log {

// What one line tells. Views: valid while the line is made.
struct Line {
  std::chrono::system_clock::time_point time;
  Level level = Level::info;
  base::SessionId id{};
  base::SessionId previous{};
  std::string_view text;
};

// Makes the bytes of lines. Lives on the thread that writes them: it keeps the text of the current second.
//
//   [2025-01-31 10:57:30.776][INFO][4242][k3x09q1z] text
//   [2025-01-31 10:57:30.776][WARN][4242][k3x09q1z][0] (after a1b2c3d4) text
//
// "-" stands where no session speaks. Warnings and errors carry SRS's errno field, so that its readers find the text in
// its place; it is 0 because our errors are values and stand in the text. "(after ...)" names the previous session.
class LineFormat {
 public:
  LineFormat(bool json, bool utc);
  // Appends the line with its newline.
  void append(const Line& line, fmt::memory_buffer& out);

 private:
  void append_plain(const Line& line, fmt::memory_buffer& out) const;
  void append_json(const Line& line, fmt::memory_buffer& out) const;
  void keep_second(std::chrono::system_clock::time_point time);

  // given
  bool json_;
  bool utc_;
  int pid_;

  // state
  std::chrono::sys_seconds second_{std::chrono::seconds{-1}};
  std::string date_;  // the current second, in the form of the line
  std::string zone_;  // of the JSON form: "Z" or "+02:00"
  unsigned millis_ = 0;
};

// Text that fits one line of a terminal: control characters (C0, DEL, C1) and bytes that are not UTF-8 become \xNN, so
// that what a peer sends can neither begin a line nor steer a terminal.
void append_escaped(std::string_view text, fmt::memory_buffer& out);
// The inside of a JSON string (RFC 8259 7). Bytes that are not UTF-8 become U+FFFD.
void append_json_escaped(std::string_view text, fmt::memory_buffer& out);

}  // namespace weir::log
