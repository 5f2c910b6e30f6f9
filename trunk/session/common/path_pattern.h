#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace weir::session {

// The one rule for every path and command that a configured pattern and the words of peers make together:
//
// * Each variable is filled once. What it brought in is not looked into again: a stream may be called "[tcUrl]".
// * A path is checked after it was filled, and never leaves the folder that the pattern says: no value becomes an
// element
//   "..", a hidden one, or more elements than it may have ([app] alone may have several).
// * A word of a command may be a path, too, or hold one ("--out=[app]/x"): no value brings an element ".." or "." into
// it.
// * A value never begins an option of a command: no "-" at the front that the pattern does not have there.
//
// Whoever fills a pattern calls one of these; none does it by replacing text.

// What the variables of a path stand for: [vhost] [app] [stream], and of a moment [timestamp] [2006] [01] [02] [15]
// [04] [05] [999] in local time; [seq] and [duration] in milliseconds where there are such.
struct PathValues {
  std::string_view vhost, app, stream;
  std::optional<std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>> time;
  std::optional<std::int64_t> timestamp;  // in place of the time in milliseconds
  std::optional<std::uint64_t> sequence;
  std::optional<std::chrono::milliseconds> duration;
};

// The value of the variable that has this name, without brackets; none if it is no variable: then it stays as written.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;
std::optional<std::string> path_variable(std::string_view name, const PathValues& values);

std::string fill(std::string_view pattern, const Lookup& value_of);
// The same with the variables of paths alone. The caller asks is_safe_path() of what comes out, or gives safe_value()s
// in.
std::string fill_path(std::string_view pattern, const PathValues& values);
// A word of a command line. None: a value would begin an option, lead elsewhere by "..", or has a NUL; then `at_fault`,
// if given, is the name of the variable.
std::optional<std::string> fill_word(std::string_view pattern, const Lookup& value_of, std::string* at_fault = nullptr);
// The path of a file, which may lie anywhere that the pattern says. None: a value would lead it elsewhere.
std::optional<std::string> fill_file(std::string_view pattern, const Lookup& value_of);

// What a peer named, as an element of a path that nobody has to refuse: "/" and control characters become "_", as does
// a leading "."; cut at 200 bytes. Of `app` as several elements.
std::string safe_value(std::string_view variable, std::string_view value);

// Whether a relative path stays below where it begins and can be a file's: no ".." or "." elements, no empty name, no
// control characters. What publishers call their streams ends up in paths.
bool is_safe_path(std::string_view path);

}  // namespace weir::session
