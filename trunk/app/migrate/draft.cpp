#include "app/migrate/draft.h"

#include <algorithm>

#include "base/text.h"

namespace weir::migrate {

namespace {

constexpr std::string_view vhost = "vhost __defaultVhost__/";

}  // namespace

std::string as_word(std::string_view given) {
  std::string word(base::trim(given));
  std::ranges::replace_if(word, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  if (word.find('\'') != std::string::npos) std::ranges::replace(word, '"', '\'');
  const bool plain = !word.empty() && word.find_first_of(" \t\"'{};#\n\r") == std::string_view::npos;
  if (plain) return word;
  const char quote = word.find('"') == std::string::npos ? '"' : '\'';
  return quote + word + quote;
}

std::string as_words(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + as_word(word);
  return all;
}

std::string in_vhost(std::string_view path) { return std::string(vhost) + std::string(path); }

std::string as_setting(std::string_view path, std::string_view value) {
  if (path.starts_with(vhost)) path.remove_prefix(vhost.size());
  const auto depth = static_cast<std::size_t>(std::ranges::count(path, '/'));
  std::string words = base::replace_all(path, "/", " { ") + " " + std::string(value) + ";";
  for (std::size_t i = 0; i < depth; ++i) words += " }";
  return words;
}

Draft::Found Draft::find(std::string_view path) {
  Block* block = &root_;
  // The scope of a block, "source live/cam", holds slashes of its own: a block ends at the last slash before a space.
  for (;;) {
    std::size_t slash = path.find('/');
    if (path.starts_with("source ")) slash = path.rfind('/');
    if (slash == std::string_view::npos) return {block, std::string(path)};
    const std::string_view name = path.substr(0, slash);
    const auto found = std::ranges::find(block->blocks, name, &Block::name);
    block = found != block->blocks.end() ? &*found : &block->blocks.emplace_back(Block{std::string(name), {}, {}});
    path.remove_prefix(slash + 1);
  }
}

bool Draft::set(std::string_view path, std::string_view value) {
  const auto [block, name] = find(path);
  const auto found = std::ranges::find(block->settings, name, &std::pair<std::string, std::string>::first);
  if (found != block->settings.end()) return found->second == value;
  block->settings.emplace_back(name, value);
  return true;
}

void Draft::add(std::string_view path, std::string_view value) {
  const auto [block, name] = find(path);
  const std::pair<std::string, std::string> setting(name, value);
  if (std::ranges::find(block->settings, setting) == block->settings.end()) block->settings.push_back(setting);
}

void Draft::append(std::string_view path, std::string_view word) {
  const auto [block, name] = find(path);
  const auto found = std::ranges::find(block->settings, name, &std::pair<std::string, std::string>::first);
  if (found == block->settings.end()) return add(path, word);
  const auto words = base::split(found->second, ' ');
  if (std::ranges::find(words, word) == words.end()) found->second += " " + std::string(word);
}

bool Draft::has(std::string_view path) const {
  const auto [block, name] = const_cast<Draft*>(this)->find(path);  // blocks that are made on the way stay empty
  return std::ranges::find(block->settings, name, &std::pair<std::string, std::string>::first) != block->settings.end();
}

void Draft::write(const Block& block, std::size_t depth, std::string& out) {
  const std::string margin(depth * 4, ' ');
  for (const auto& [name, value] : block.settings) out += margin + name + " " + value + ";\n";
  for (const Block& inner : block.blocks) {
    std::string body;
    write(inner, depth + 1, body);
    const auto [kind, scope] = base::split_first(inner.name, ' ');
    const std::string name = std::string(kind) + (scope.empty() ? "" : " " + as_word(scope));
    if (!body.empty()) out += margin + name + " {\n" + body + margin + "}\n";
  }
}

std::string Draft::text(const std::vector<std::string>& head) const {
  std::string out;
  for (const std::string& line : head) out += "# " + line + "\n";
  write(root_, 0, out);
  return out;
}

}  // namespace weir::migrate
