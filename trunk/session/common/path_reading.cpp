#include "session/common/path_reading.h"

#include <algorithm>
#include <utility>

namespace weir::session {

namespace {

constexpr std::size_t longest_path = 512;

// Reads `path` by `pattern` from the front. A variable that was read before stands for what it was.
struct Reading {
  std::string_view vhost;
  std::string_view app, stream;  // empty: not read yet

  bool read(std::string_view pattern, std::string_view path) {
    while (!pattern.empty()) {
      for (const auto& [name, value] :
           {std::pair(std::string_view("[vhost]"), &vhost), std::pair(std::string_view("[app]"), &app),
            std::pair(std::string_view("[stream]"), &stream)}) {
        if (!pattern.starts_with(name)) continue;
        const std::string_view rest = pattern.substr(name.size());
        if (!value->empty()) return path.starts_with(*value) && read(rest, path.substr(value->size()));
        return guess(*value, value == &app, rest, path);
      }
      if (path.empty() || path.front() != pattern.front()) return false;
      pattern.remove_prefix(1);
      path.remove_prefix(1);
    }
    return path.empty();
  }

 private:
  // The longest that lets the rest be read. What stands behind the variable tells at once of most lengths.
  bool guess(std::string_view& value, bool many_elements, std::string_view rest, std::string_view path) {
    const std::size_t most = many_elements ? path.size() : std::min(path.find('/'), path.size());
    for (std::size_t size = most; size > 0; --size) {
      const bool literal = !rest.empty() && rest.front() != '[';
      if (literal && (size == path.size() || path[size] != rest.front())) continue;
      value = path.substr(0, size);
      if (read(rest, path.substr(size))) return true;
    }
    value = {};
    return false;
  }
};

}  // namespace

std::optional<NamedStream> named_by(std::string_view pattern, std::string_view vhost, std::string_view path) {
  if (path.size() > longest_path) return std::nullopt;
  pattern.remove_prefix(std::min(pattern.find_first_not_of('/'), pattern.size()));
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  Reading reading{.vhost = vhost, .app = {}, .stream = {}};
  if (!reading.read(pattern, path) || reading.stream.empty()) return std::nullopt;
  return NamedStream{std::string(reading.app), std::string(reading.stream)};
}

}  // namespace weir::session
