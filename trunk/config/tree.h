#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"

namespace weir::config {

// Where something was written. Shares the file's name with everything else of that file.
struct Place {
  std::shared_ptr<const std::string> file;
  unsigned line = 0;
};

// A directive as written: "name word word;" or "name word { children }".
struct Node {
  std::string name{};
  std::vector<std::string> words{};
  std::vector<Node> children{};
  bool is_block = false;
  Place place{};

  const Node* child(std::string_view wanted) const;  // the first of that name, or null
};

// Collects what is wrong, up to a bound; what comes after is counted only.
class Problems {
 public:
  void error(const Place& place, const std::string& reason) { add(errors_, errors_left_out_, place, reason); }
  void warn(const Place& place, const std::string& reason) { add(warnings_, warnings_left_out_, place, reason); }
  bool is_full() const;  // what comes now is only counted: no need to word it well
  bool has_errors() const { return !errors_.empty(); }
  void move_to(Report& report) &&;

 private:
  static void add(std::vector<Problem>& list, std::size_t& left_out, const Place& place, const std::string& reason);

  std::vector<Problem> errors_;
  std::vector<Problem> warnings_;
  std::size_t errors_left_out_ = 0;
  std::size_t warnings_left_out_ = 0;
};

}  // namespace weir::config
