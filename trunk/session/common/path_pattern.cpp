#include "session/common/path_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/text.h"

namespace weir::session {

namespace {

// None for what is no variable, or has no value.
std::optional<std::string> value_of(std::string_view name, const PathValues& values, const std::tm& local) {
  if (name == "vhost") return std::string(values.vhost);
  if (name == "app") return std::string(values.app);
  if (name == "stream") return std::string(values.stream);
  if (name == "seq" && values.sequence) return std::to_string(*values.sequence);
  if (name == "duration" && values.duration) return std::to_string(values.duration->count());
  if (!values.time) return {};
  const auto millis = values.time->time_since_epoch();
  if (name == "timestamp") return std::to_string(values.timestamp.value_or(millis.count()));
  if (name == "2006") return fmt::format("{:04}", local.tm_year + 1900);
  if (name == "01") return fmt::format("{:02}", local.tm_mon + 1);
  if (name == "02") return fmt::format("{:02}", local.tm_mday);
  if (name == "15") return fmt::format("{:02}", local.tm_hour);
  if (name == "04") return fmt::format("{:02}", local.tm_min);
  if (name == "05") return fmt::format("{:02}", local.tm_sec);
  if (name == "999") return fmt::format("{:03}", (millis - std::chrono::floor<std::chrono::seconds>(millis)).count());
  return {};
}

}  // namespace

std::string fill_path(std::string_view pattern, const PathValues& values) {
  std::tm local{};
  if (values.time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(values.time->time_since_epoch());
    const std::time_t seconds = static_cast<std::time_t>(whole.count());
    ::localtime_r(&seconds, &local);
  }
  std::string path;
  while (!pattern.empty()) {
    const std::size_t end = pattern.front() == '[' ? pattern.find(']') : std::string_view::npos;
    const auto value =
        end == std::string_view::npos ? std::nullopt : value_of(pattern.substr(1, end - 1), values, local);
    if (value) {
      path += *value;  // never looked into again: a stream may be called "[seq]"
    } else {
      path += pattern.front();
    }
    pattern.remove_prefix(value ? end + 1 : 1);
  }
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
