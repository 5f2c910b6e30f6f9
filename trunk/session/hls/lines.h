#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace weir::session::hls {

// The text of a playlist that grows behind and goes away before, in blocks that playlists of any age share: another one
// costs its new lines and a reference for each block, however long it is. Lives on the stream's home worker; what it
// hands out never changes.
class Lines {
 public:
  void append(std::string_view text);
  void drop(std::size_t bytes);  // the oldest
  // Of a copy: what comes goes into blocks of its own.
  void seal() { sealed_ = true; }
  std::size_t size() const { return size_; }
  std::size_t marks() const { return marks_; }  // places for a session id in it
  void add_to(std::string& text) const;
  void add_to(std::vector<base::SharedBytes>& blocks) const;

 private:
  struct Part {
    base::Block block;
    std::size_t begin = 0, end = 0;
  };
  std::deque<Part> parts_;
  std::size_t size_ = 0, marks_ = 0;
  bool sealed_ = false;
};

}  // namespace weir::session::hls
