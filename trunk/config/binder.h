#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"
#include "config/schema.h"
#include "config/tree.h"

namespace weir::config {

// How a block of those that are there at least once is called in Config::written: "srt_server" the first without a
// name, "srt_server[name]", "srt_server[#2]" the third of all.
std::string path_of_block(const std::string& path, const std::string& name, std::size_t index);

// Fills plain structs from the tree, the environment and the defaults, as the rows of the schema say, and reports what
// does not fit. Environment beats file, file beats default.
class Binder {
 public:
  Binder(const Environment& environment, Problems& problems) : environment_(environment), problems_(problems) {}

  // `node` is the block as written, or null; `path` is "" for the root, else "http_api" or "vhost[a.b].play"; the
  // environment knows the block as `environment_path`, and nothing in it if that is none. Rows that are blocks without
  // an `enter` are left to the caller.
  void fill(Rows rows, void* object, const Node* node, const std::string& path,
            const std::optional<std::string>& environment_path);

  // Whether file or environment say it.
  bool is_written(std::string_view path) const { return places_.find(path) != places_.end(); }
  // Where; for messages. The whole file where it is not written.
  void set_whole(Place whole) { whole_ = std::move(whole); }
  Place place_of(const std::string& path) const;
  // What differs from its default, by path.
  std::map<std::string, std::string, std::less<>> take_written() { return std::move(written_); }
  void note(const std::string& path, std::string text) { written_[path] = std::move(text); }
  // How names in `listen` become addresses; it outlives the binder.
  void look_up_by(const LookUp& look_up) { look_up_ = &look_up; }
  // What is not built and asked for is a warning, not a mistake.
  void allow_missing() { allows_missing_ = true; }
  // Refuses it, once per feature, if that is not built.
  void refuse_if_not_built(Feature feature, const Place& place, std::string_view name);

 private:
  struct Written {
    std::vector<std::string> words;
    Place place;
  };
  std::optional<Written> find(const Directive& row, const Node* node, const std::string& path,
                              const std::optional<std::string>& environment_path);
  std::optional<Written> find_in_environment(const Directive& row, const std::string& environment_path);
  void read_specials(Rows rows, void* object, const Node& node, const std::string& path);
  void fill_value(const Directive& row, void* object, const Node* node, const std::string& path,
                  const std::optional<std::string>& environment_path);
  void fill_block(const Directive& row, void* object, const Node* node, const std::string& path,
                  const std::optional<std::string>& environment_path);
  bool is_in_use(const Directive& row, const std::string& path) const;
  void fill_ignored(const Directive& row, const Node& node);
  void check_names(Rows rows, const Node& node, const std::string& path, bool open);
  void check_repetition(Rows rows, const Node& node);
  std::vector<std::string> numeric(const Type& type, const Written& written);
  void report(const Reading& reading, const Directive& row, const Place& place);

  const Environment& environment_;
  Problems& problems_;
  const LookUp* look_up_ = nullptr;
  std::map<std::string, Place, std::less<>> places_;
  std::map<std::string, std::string, std::less<>> written_;
  std::set<std::string, std::less<>> is_on_;  // paths of each `enabled` that is on
  std::set<Feature> warned_;
  Place whole_;
  bool allows_missing_ = false;
  bool open_ = false;  // the block at hand takes unknown names
};

}  // namespace weir::config
