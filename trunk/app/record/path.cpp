#include "app/record/path.h"

#include <fmt/format.h>

#include <array>

#include "session/common/path_pattern.h"

namespace weir::record {
namespace {

// A variable's name, or none if the text does not begin with one.
std::string_view variable_at(std::string_view text) {
  constexpr std::array<std::string_view, 11> known{"[vhost]", "[app]", "[stream]", "[2006]", "[01]",       "[02]",
                                                   "[15]",    "[04]",  "[05]",     "[999]",  "[timestamp]"};
  for (const std::string_view name : known) {
    if (text.starts_with(name)) return name;
  }
  return {};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool matches(std::string_view pattern, std::string_view text, PathFacts* facts);

void note(std::string_view variable, std::string_view value, PathFacts* facts) {
  if (!facts) return;
  if (variable == "[vhost]") facts->vhost = value;
  if (variable == "[app]") facts->app = value;
  if (variable == "[stream]") facts->stream = value;
}

// A variable followed by the rest of the pattern: each length that its value may have.
bool variable_matches(std::string_view variable, std::string_view rest, std::string_view text, PathFacts* facts) {
  const bool number = variable == "[timestamp]" || is_digit(variable[1]);
  const std::size_t exact = number && variable != "[timestamp]" ? variable.size() - 2 : 0;
  for (std::size_t length = 1; length <= text.size(); ++length) {
    const char last = text[length - 1];
    if (number ? !is_digit(last) : last == '/' && variable != "[app]") return false;
    if ((exact == 0 || length == exact) && matches(rest, text.substr(length), facts)) {
      note(variable, text.substr(0, length), facts);
      return true;
    }
    if (length == exact) return false;
  }
  return false;
}

bool matches(std::string_view pattern, std::string_view text, PathFacts* facts) {
  while (!pattern.empty()) {
    if (const auto variable = variable_at(pattern); !variable.empty()) {
      return variable_matches(variable, pattern.substr(variable.size()), text, facts);
    }
    if (text.empty() || text.front() != pattern.front()) return false;
    pattern.remove_prefix(1);
    text.remove_prefix(1);
  }
  return text.empty();
}

std::size_t extension_at(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path.size() : dot;
}

}  // namespace

std::optional<Container> container_of(std::string_view path) {
  if (path.ends_with(".flv")) return Container::flv;
  if (path.ends_with(".mp4")) return Container::mp4;
  if (path.ends_with(".ts")) return Container::ts;
  return std::nullopt;
}

std::string complete_template(std::string path) {
  if (container_of(path)) return path;
  bool variables = false;
  for (std::size_t i = 0; i < path.size(); ++i) variables |= !variable_at(std::string_view(path).substr(i)).empty();
  while (path.ends_with('/')) path.pop_back();
  return path + (variables ? "/[stream].[timestamp].flv" : "/[app]/[stream].[timestamp].flv");
}

std::string expand(std::string_view path_template, const PathFacts& facts) {
  const std::string vhost = session::safe_value("vhost", facts.vhost), app = session::safe_value("app", facts.app),
                    stream = session::safe_value("stream", facts.stream);
  return session::fill_path(path_template, {.vhost = vhost,
                                            .app = app,
                                            .stream = stream,
                                            .time = std::chrono::floor<std::chrono::milliseconds>(facts.time)});
}

std::string numbered(const std::string& path, unsigned number) {
  const std::size_t at = extension_at(path);
  return fmt::format("{}-{}{}", path.substr(0, at), number, path.substr(at));
}

std::string fixed_folder(std::string_view path_template) {
  std::size_t at = 0;
  while (at < path_template.size() && variable_at(path_template.substr(at)).empty()) ++at;
  const std::size_t slash = path_template.substr(0, at).rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path_template.substr(0, slash));
}

namespace {

bool comes_from(std::string_view path_template, std::string_view path, PathFacts* facts) {
  if (matches(path_template, path, facts)) return true;
  const std::size_t dot = extension_at(path);
  std::size_t at = dot;
  while (at > 0 && is_digit(path[at - 1])) --at;
  if (at == dot || at == 0 || path[at - 1] != '-') return false;
  return matches(path_template, std::string(path.substr(0, at - 1)) + std::string(path.substr(dot)), facts);
}

}  // namespace

bool may_come_from(std::string_view path_template, std::string_view path) {
  return comes_from(path_template, path, nullptr);
}

PathFacts facts_of(std::string_view path_template, std::string_view path) {
  PathFacts facts;
  comes_from(path_template, path, &facts);
  return facts;
}

}  // namespace weir::record
