#include "session/hls/lines.h"

#include <algorithm>
#include <utility>

#include "session/hls/page.h"

namespace weir::session::hls {
namespace {

constexpr std::size_t least_block = 4 * 1024, largest_block = 64 * 1024;

std::size_t marks_of(std::string_view text) {
  static_assert(session_mark.size() == 1);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), session_mark.front()));
}

}  // namespace

void Lines::append(std::string_view text) {
  if (parts_.empty() || std::exchange(sealed_, false) ||
      parts_.back().block.capacity() - parts_.back().end < text.size()) {
    const std::size_t size = std::max(std::clamp(size_, least_block, largest_block), text.size());
    parts_.push_back({.block = base::Block::allocate(size)});
  }
  Part& last = parts_.back();
  std::copy(text.begin(), text.end(), last.block.data() + last.end);
  last.end += text.size();
  size_ += text.size();
  marks_ += marks_of(text);
}

void Lines::drop(std::size_t bytes) {
  size_ -= bytes;
  while (bytes > 0) {
    Part& first = parts_.front();
    const std::size_t gone = std::min(bytes, first.end - first.begin);
    marks_ -= marks_of({reinterpret_cast<const char*>(first.block.data()) + first.begin, gone});
    first.begin += gone;
    bytes -= gone;
    if (first.begin == first.end) parts_.pop_front();
  }
}

void Lines::add_to(std::string& text) const {
  for (const Part& part : parts_) {
    text.append(reinterpret_cast<const char*>(part.block.data()) + part.begin, part.end - part.begin);
  }
}

void Lines::add_to(std::vector<base::SharedBytes>& blocks) const {
  for (const Part& part : parts_) {
    blocks.emplace_back(part.block, part.block.data() + part.begin, part.end - part.begin);
  }
}

}  // namespace weir::session::hls
