#include "config/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"

namespace weir::config {
namespace {

constexpr std::size_t longest_value = 4096;
constexpr std::size_t most_variables = 1000;

bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool is_name(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_of_name); }

bool is_value(std::string_view text) {
  const auto odd = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return text.size() <= longest_value && std::ranges::none_of(text, odd);
}

// What stands behind it in the file is a text, or says where that is.
std::string value_of(const Node& node, const Environment& environment, const ReadFile& read, Problems& problems) {
  const std::string& word = node.words.front();
  if (word.starts_with("env:")) {
    const auto found = environment.find(std::string_view(word).substr(4));
    if (found != environment.end()) return found->second;
    problems.error(node.place, fmt::format("the environment has no variable '{}'", word.substr(4)));
    return {};
  }
  if (!word.starts_with("file:")) return word;
  auto text = read(word.substr(5));
  if (text) return std::string(base::trim(*text, "\r\n"));
  problems.error(node.place, fmt::format("'{}' cannot be read: {}", word.substr(5), text.error().message()));
  return {};
}

}  // namespace

std::vector<Variable> read_variables(const Node& root, const Environment& environment, const ReadFile& read,
                                     Problems& problems) {
  std::vector<Variable> all;
  for (const Node& block : root.children) {
    if (block.name != "variables") continue;
    if (!block.is_block) problems.error(block.place, "'variables' is a block: 'variables { NAME VALUE; }'");
    for (const Node& node : block.children) {
      if (!is_name(node.name) || node.is_block || node.words.size() != 1) {
        problems.error(node.place, "a variable is NAME VALUE; its name has letters, digits and '_'");
        continue;
      }
      if (std::ranges::any_of(all, [&](const Variable& one) { return one.name == node.name; })) {
        problems.error(node.place, fmt::format("'{}' is written twice", node.name));
        continue;
      }
      if (all.size() == most_variables) {
        problems.error(node.place, fmt::format("more than {} variables", most_variables));
        return all;
      }
      std::string value = value_of(node, environment, read, problems);
      if (!is_value(value)) {
        problems.error(node.place,
                       fmt::format("what '{}' stands for is too long, or has a control character", node.name));
        continue;
      }
      all.push_back({node.name, std::move(value)});
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
    url = std::move(filled.text);
    std::ranges::move(filled.secrets, std::back_inserter(written.secrets));
  }
}

}  // namespace weir::config
