#include "config/include.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "config/parser.h"

namespace weir::config {
namespace {

constexpr std::size_t most_files = 256;
constexpr std::size_t deepest_include = 16;

std::string normal(const std::filesystem::path& path) { return path.lexically_normal().string(); }

class Includer {
 public:
  Includer(const ReadFile& read, Problems& problems) : read_(read), problems_(problems) {}

  std::vector<Node> parse_file(const std::string& name, std::string_view text) {
    auto nodes = parse(text, std::make_shared<const std::string>(name), problems_);
    open_.push_back(normal(name));
    splice(nodes);
    open_.pop_back();
    return nodes;
  }

 private:
  void splice(std::vector<Node>& nodes) {
    const auto is_include = [](const Node& node) { return node.name == "include" && !node.is_block; };
    for (Node& node : nodes) splice(node.children);
    if (std::none_of(nodes.begin(), nodes.end(), is_include)) return;

    std::vector<Node> spliced;
    for (Node& node : nodes) {
      if (!is_include(node)) {
        spliced.push_back(std::move(node));
        continue;
      }
      if (node.words.empty()) problems_.error(node.place, "'include' names no file");
      for (const std::string& file : node.words) {
        auto inside = included(file, node.place);
        std::move(inside.begin(), inside.end(), std::back_inserter(spliced));
      }
    }
    nodes = std::move(spliced);
  }

  std::vector<Node> included(const std::string& file, const Place& place) {
    std::string path = file;
    auto text = read_(path);
    if (!text && std::filesystem::path(file).is_relative()) {
      const auto beside = (std::filesystem::path(*place.file).parent_path() / file).string();
      if (auto other = read_(beside)) {
        path = beside;
        text = std::move(other);
      }
    }
    if (!text) {
      problems_.error(place, "cannot include '" + file + "': " + text.error().message());
      return {};
    }
    if (std::find(open_.begin(), open_.end(), normal(path)) != open_.end()) {
      problems_.error(place, "'" + file + "' includes itself");
      return {};
    }
    if (open_.size() > deepest_include) {
      problems_.error(place, "'include' is nested deeper than " + std::to_string(deepest_include));
      return {};
    }
    if (++files_ > most_files) {
      if (files_ == most_files + 1)
        problems_.error(place, "more than " + std::to_string(most_files) + " files are included");
      return {};
    }
    return parse_file(path, *text);
  }

  const ReadFile& read_;
  Problems& problems_;
  std::vector<std::string> open_;  // the files being read, outermost first
  std::size_t files_ = 0;
};

}  // namespace

std::vector<Node> parse_with_includes(const std::string& name, std::string_view text, const ReadFile& read,
                                      Problems& problems) {
  return Includer(read, problems).parse_file(name, text);
}

}  // namespace weir::config
