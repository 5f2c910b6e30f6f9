#include "session/common/path_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/text.h"

namespace weir::session {

std::string fill_path(std::string_view pattern, const PathValues& values) {
  std::string path(pattern);
  const auto put = [&path](std::string_view name, std::string_view value) {
    if (path.find(name) != std::string::npos) path = base::replace_all(path, name, value);
  };
  if (values.sequence) put("[seq]", std::to_string(*values.sequence));
  if (values.duration) put("[duration]", std::to_string(values.duration->count()));
  if (values.time) {
    const auto millis = values.time->time_since_epoch();
    put("[timestamp]", std::to_string(values.timestamp.value_or(millis.count())));
    if (path.find("[") != std::string::npos) {
      const auto whole = std::chrono::floor<std::chrono::seconds>(millis);
      const std::time_t seconds = static_cast<std::time_t>(whole.count());
      std::tm local{};
      ::localtime_r(&seconds, &local);
      put("[2006]", fmt::format("{:04}", local.tm_year + 1900));
      put("[01]", fmt::format("{:02}", local.tm_mon + 1));
      put("[02]", fmt::format("{:02}", local.tm_mday));
      put("[15]", fmt::format("{:02}", local.tm_hour));
      put("[04]", fmt::format("{:02}", local.tm_min));
      put("[05]", fmt::format("{:02}", local.tm_sec));
      put("[999]", fmt::format("{:03}", (millis - whole).count()));
    }
  }
  // Last: a stream may be called "[seq]".
  put("[vhost]", values.vhost);
  put("[app]", values.app);
  put("[stream]", values.stream);
  return path;
}

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.size() > 1024 || path.ends_with('/')) return false;
  if (std::any_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
    return false;
  }
  for (const std::string_view element : base::split(path, '/')) {
    if (element == "." || element == ".." || element.size() > 255) return false;
  }
  return true;
}

}  // namespace weir::session
