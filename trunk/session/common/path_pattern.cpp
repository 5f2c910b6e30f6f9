#include "session/common/path_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/text.h"

namespace weir::session {

namespace {

constexpr std::size_t longest_value = 200;  // bytes; a name on a disk may have 255 in all

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::tm local_time(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return local;
}

std::string safe_element(std::string_view value) {
  std::string out(value.substr(0, longest_value));
  for (char& c : out) {
    if (is_control(c) || c == '/' || c == '\\') c = '_';
  }
  if (out.empty()) return "_";
  if (out.front() == '.') out.front() = '_';
  return out;
}

// Whether a value stays where the pattern puts it. An empty one is seen in what comes out.
bool stays(std::string_view variable, std::string_view value) {
  if (value.empty()) return true;
  if (value.size() > longest_value || std::any_of(value.begin(), value.end(), is_control)) return false;
  if (variable != "app") return !value.starts_with('.') && value.find('/') == std::string_view::npos;
  const auto elements = base::split(value, '/');
  return std::none_of(elements.begin(), elements.end(),
                      [](std::string_view one) { return one.empty() || one.starts_with('.'); });
}

// Elements that are empty, hidden, "." or "..": only the pattern may say these.
std::ptrdiff_t odd_elements(std::string_view path) {
  const auto elements = base::split(path, '/');
  return std::count_if(elements.begin(), elements.end(),
                       [](std::string_view one) { return one.empty() || one.starts_with('.'); });
}
// An empty value makes "." of the hidden ".[stream]".
std::ptrdiff_t dots(std::string_view path) {
  const auto elements = base::split(path, '/');
  return std::count_if(elements.begin(), elements.end(),
                       [](std::string_view one) { return one == "." || one == ".."; });
}

// The elements ".." of what may be one path or hold several: "--out=../x", "a:../b".
std::ptrdiff_t steps_up(std::string_view word) {
  constexpr std::string_view between = "/\\=:,;|\"' ";
  std::ptrdiff_t count = 0;
  for (;;) {
    const std::size_t end = std::min(word.find_first_of(between), word.size());
    count += word.substr(0, end) == "..";
    if (end == word.size()) return count;
    word.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<std::string> path_variable(std::string_view name, const PathValues& values) {
  if (name == "vhost") return std::string(values.vhost);
  if (name == "app") return std::string(values.app);
  if (name == "stream") return std::string(values.stream);
  if (name == "seq" && values.sequence) return std::to_string(*values.sequence);
  if (name == "duration" && values.duration) return std::to_string(values.duration->count());
  if (!values.time) return {};
  const auto millis = values.time->time_since_epoch();
  if (name == "timestamp") return std::to_string(values.timestamp.value_or(millis.count()));
  const std::tm local = local_time(*values.time);
  if (name == "2006") return fmt::format("{:04}", local.tm_year + 1900);
  if (name == "01") return fmt::format("{:02}", local.tm_mon + 1);
  if (name == "02") return fmt::format("{:02}", local.tm_mday);
  if (name == "15") return fmt::format("{:02}", local.tm_hour);
  if (name == "04") return fmt::format("{:02}", local.tm_min);
  if (name == "05") return fmt::format("{:02}", local.tm_sec);
  if (name == "999") return fmt::format("{:03}", (millis - std::chrono::floor<std::chrono::seconds>(millis)).count());
  return {};
}

std::string fill(std::string_view pattern, const Lookup& value_of) {
  std::string path;
  while (!pattern.empty()) {
    const std::size_t end = pattern.front() == '[' ? pattern.find(']') : std::string_view::npos;
    const auto value = end == std::string_view::npos ? std::nullopt : value_of(pattern.substr(1, end - 1));
    if (value) {
      path += *value;
    } else {
      path += pattern.front();
    }
    pattern.remove_prefix(value ? end + 1 : 1);
  }
  return path;
}

std::string fill_path(std::string_view pattern, const PathValues& values) {
  return fill(pattern, [&values](std::string_view name) { return path_variable(name, values); });
}

std::optional<std::string> fill_word(std::string_view pattern, const Lookup& value_of, std::string* at_fault) {
  std::string first, bad;  // the variable that was filled first, and the one that is itself to blame
  std::string word = fill(pattern, [&](std::string_view name) {
    auto value = value_of(name);
    if (!value) return value;
    if (first.empty()) first = name;
    if (bad.empty() && (value->find('\0') != std::string::npos || dots(*value) + steps_up(*value) > 0)) bad = name;
    return value;
  });
  const bool is_option = word.starts_with('-') && !pattern.starts_with('-');
  if (bad.empty() && !is_option && steps_up(word) <= steps_up(pattern)) return word;
  if (at_fault) *at_fault = bad.empty() ? first : bad;
  return std::nullopt;
}

std::optional<std::string> fill_file(std::string_view pattern, const Lookup& value_of) {
  bool all_stay = true;
  std::string path = fill(pattern, [&](std::string_view name) {
    auto value = value_of(name);
    all_stay = all_stay && (!value || stays(name, *value));
    return value;
  });
  if (!all_stay || odd_elements(path) > odd_elements(pattern) || dots(path) > dots(pattern)) return std::nullopt;
  return path;
}

std::string safe_value(std::string_view variable, std::string_view value) {
  if (variable != "app") return safe_element(value);
  std::string out;
  for (const std::string_view one : base::split(value, '/')) {
    if (!one.empty()) out.append(out.empty() ? "" : "/").append(safe_element(one));
  }
  return out.empty() ? "_" : out;
}

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.size() > 1024 || path.ends_with('/')) return false;
  if (std::any_of(path.begin(), path.end(), is_control)) return false;
  for (const std::string_view element : base::split(path, '/')) {
    if (element == "." || element == ".." || element.size() > 255) return false;
  }
  return true;
}

}  // namespace weir::session
