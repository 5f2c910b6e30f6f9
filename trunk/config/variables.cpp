#include "config/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"

namespace weir::config {
namespace {

constexpr std::size_t most_variables = 1000;
constexpr std::uint64_t longest_every = 30 * 24 * 3600, longest_timeout = 60;  // seconds

bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// What stands behind it in the file is a text, or says where that is.
std::string value_of(const Node& node, const Environment& environment, const ReadFile& read, Variable::From& from,
                     Problems& problems) {
  const std::string& word = node.words.front();
  if (word.starts_with("env:")) {
    from = Variable::From::environment;
    const auto found = environment.find(std::string_view(word).substr(4));
    if (found != environment.end()) return found->second;
    problems.error(node.place, fmt::format("the environment has no variable '{}'", word.substr(4)));
    return {};
  }
  if (!word.starts_with("file:")) return word;
  from = Variable::From::file;
  auto text = read(word.substr(5));
  if (text) return std::string(base::trim(*text, "\r\n"));
  problems.error(node.place, fmt::format("'{}' cannot be read: {}", word.substr(5), text.error().message()));
  return {};
}

void read_seconds(const Node& node, std::uint64_t most, std::chrono::milliseconds& out, Problems& problems) {
  const auto number = node.words.size() == 1 ? base::parse_number(node.words.front()) : std::nullopt;
  if (!number || *number == 0 || *number > most) {
    problems.error(node.place, fmt::format("'{}' is a number of seconds from 1 to {}", node.name, most));
    return;
  }
  out = std::chrono::seconds(*number);
}

// { command PROGRAM ARGUMENT ...; every SECONDS; timeout SECONDS; }
void read_command(const Node& node, Variable& variable, Problems& problems) {
  variable.from = Variable::From::command;
  variable.known = false;
  for (const Node& one : node.children) {
    if (one.is_block) {
      problems.error(one.place, fmt::format("'{}' is no block", one.name));
    } else if (one.name == "command") {
      variable.command = one.words;
    } else if (one.name == "every") {
      read_seconds(one, longest_every, variable.every, problems);
    } else if (one.name == "timeout") {
      read_seconds(one, longest_timeout, variable.timeout, problems);
    } else {
      problems.error(one.place, fmt::format("a variable has no '{}': command, every and timeout", one.name));
    }
  }
  if (variable.command.empty() || variable.command.front().empty()) {
    problems.error(node.place, fmt::format("'{}' names no command", node.name));
  }
}

std::optional<Variable> read_variable(const Node& node, bool by_api, const Surroundings& surroundings,
                                      const ReadFile& read, Problems& problems) {
  Variable variable{.name = node.name, .at = fmt::format("{}:{}", *node.place.file, node.place.line)};
  if (!is_variable_name(node.name) || (node.is_block ? !node.words.empty() || by_api : node.words.size() != 1)) {
    problems.error(node.place, "a variable is NAME VALUE; its name has letters, digits and '_'");
    return std::nullopt;
  }
  if (node.is_block) {
    read_command(node, variable, problems);
    if (!surroundings.said_by_command) return variable;
    auto said = surroundings.said_by_command(variable);
    variable.known = said.has_value();
    if (said) variable.value = *std::move(said);
  } else if (by_api) {
    variable.from = Variable::From::api;  // and a text, whatever it looks like
    variable.value = node.words.front();
  } else {
    variable.value = value_of(node, surroundings.environment, read, variable.from, problems);
  }
  if (is_variable_value(variable.value)) return variable;
  problems.error(node.place, fmt::format("what '{}' stands for is too long, or has a control character", node.name));
  return std::nullopt;
}

}  // namespace

bool is_variable_name(std::string_view text) {
  constexpr std::size_t longest_name = 64;
  return !text.empty() && text.size() <= longest_name && std::ranges::all_of(text, is_of_name);
}

bool is_variable_value(std::string_view text) {
  const auto odd = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return text.size() <= longest_variable && std::ranges::none_of(text, odd);
}

std::string_view name_of(Variable::From from) {
  switch (from) {
    case Variable::From::environment:
      return "environment";
    case Variable::From::file:
      return "file";
    case Variable::From::command:
      return "command";
    case Variable::From::api:
      return "api";
    case Variable::From::text:
      break;
  }
  return "text";
}

std::vector<Variable> read_variables(const Node& root, const Surroundings& surroundings, const ReadFile& read,
                                     const std::string& overlay, Problems& problems) {
  std::vector<Variable> all;
  for (const Node& block : root.children) {
    if (block.name != "variables") continue;
    if (!block.is_block) problems.error(block.place, "'variables' is a block: 'variables { NAME VALUE; }'");
    const bool by_api = !overlay.empty() && *block.place.file == overlay;
    for (const Node& node : block.children) {
      if (std::ranges::any_of(all, [&](const Variable& one) { return one.name == node.name; })) {
        problems.error(node.place, fmt::format("'{}' is written twice", node.name));
        continue;
      }
      if (all.size() == most_variables) {
        problems.error(node.place, fmt::format("more than {} variables", most_variables));
        return all;
      }
      if (auto one = read_variable(node, by_api, surroundings, read, problems)) all.push_back(*std::move(one));
    }
  }
  return all;
}

Filled fill_variables(std::string_view text, const std::vector<Variable>& variables) {
  Filled filled;
  for (;;) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    filled.text += text.substr(0, dollar);
    if (dollar == text.size()) return filled;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      filled.text += '$';
      text.remove_prefix(1);
      continue;
    }
    const bool braces = text.starts_with('{');
    if (braces) text.remove_prefix(1);
    const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text, is_of_name) - text.begin());
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(end);
    if (braces && !text.starts_with('}')) {
      filled.fault = "a '{' behind a dollar sign is not closed";
      return filled;
    }
    if (braces) text.remove_prefix(1);
    const auto found = std::ranges::find_if(variables, [&](const Variable& one) { return one.name == name; });
    if (found == variables.end()) {
      filled.fault = fmt::format("there is no variable '{}'; a dollar sign is written $$", name);
      return filled;
    }
    filled.of_api = filled.of_api || found->from == Variable::From::api;
    if (!found->known && filled.waits_for.empty()) filled.waits_for = found->name;
    filled.text += found->value;
    if (!found->value.empty()) filled.secrets.push_back(found->value);
  }
}

void fill_variables(std::span<std::string> urls, AsWritten& written, const std::vector<Variable>& variables,
                    const Place& place, Problems& problems) {
  const auto has_some = [](const std::string& url) { return url.find('$') != std::string::npos; };
  if (variables.empty() || std::ranges::none_of(urls, has_some)) return;
  written.urls.assign(urls.begin(), urls.end());
  for (std::string& url : urls) {
    Filled filled = fill_variables(url, variables);
    if (!filled.fault.empty()) {
      problems.error(place, fmt::format("'{}': {}", url, filled.fault));
      continue;
    }
    written.of_api = written.of_api || filled.of_api;
    if (written.waits_for.empty()) written.waits_for = std::move(filled.waits_for);
    url = std::move(filled.text);
    std::ranges::move(filled.secrets, std::back_inserter(written.secrets));
  }
}

}  // namespace weir::config
