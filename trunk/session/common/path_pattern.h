#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::session {

// What the variables of a path stand for: [vhost] [app] [stream], and of a moment [timestamp] [2006] [01] [02] [15]
// [04] [05] [999] in local time; [seq] and [duration] in milliseconds where there are such.
struct PathValues {
  std::string_view vhost, app, stream;
  std::optional<std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>> time;
  std::optional<std::int64_t> timestamp;  // in place of the time in milliseconds
  std::optional<std::uint64_t> sequence;
  std::optional<std::chrono::milliseconds> duration;
};

// The pattern with its variables filled in; those that have no value stay as written.
std::string fill_path(std::string_view pattern, const PathValues& values);

// Whether a relative path stays below where it begins and can be a file's: no ".." or "." elements, no empty name, no
// control characters. What publishers call their streams ends up in paths.
bool is_safe_path(std::string_view path);

}  // namespace weir::session
