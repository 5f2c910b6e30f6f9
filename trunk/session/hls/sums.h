#pragma once

#include <cstdint>
#include <deque>
#include <utility>

#include "session/hls/window.h"

namespace weir::session::hls {

// The largest of values that come and go in order.
class Peak {
 public:
  void add(std::uint64_t number, std::uint64_t value) {
    while (!falling_.empty() && falling_.back().second <= value) falling_.pop_back();
    falling_.emplace_back(number, value);
  }
  void drop(std::uint64_t number) {
    if (!falling_.empty() && falling_.front().first == number) falling_.pop_front();
  }
  std::uint64_t most() const { return falling_.empty() ? 0 : falling_.front().second; }

 private:
  std::deque<std::pair<std::uint64_t, std::uint64_t>> falling_;
};

// What is asked of all segments of a window each time that it changes, kept as they come and go.
class Sums {
 public:
  void add(const Kept& kept) {
    const base::Ticks duration = kept.told.duration;
    length_ += duration;
    dependent_ += kept.independent ? 0 : 1;
    if (duration <= base::Ticks{}) return;
    bytes_ += kept.bytes;
    rate_.add(kept.number, rate(kept.bytes, duration));
    pictures_.add(kept.number, rate(kept.picture_bytes, duration));
  }
  // The oldest.
  void drop(const Kept& kept) {
    length_ -= kept.told.duration;
    dependent_ -= kept.independent ? 0 : 1;
    if (kept.told.duration > base::Ticks{}) bytes_ -= kept.bytes;
    rate_.drop(kept.number);
    pictures_.drop(kept.number);
  }
  base::Ticks length() const { return length_; }
  bool independent() const { return dependent_ == 0; }
  // Bits a second: of one segment at most, of all, and of their first pictures at most.
  std::uint64_t most() const { return rate_.most(); }
  std::uint64_t average() const { return length_ > base::Ticks{} ? rate(bytes_, length_) : 0; }
  std::uint64_t most_of_pictures() const { return pictures_.most(); }

 private:
  static std::uint64_t rate(std::uint64_t bytes, base::Ticks time) {
    return bytes * 8 * 90'000 / static_cast<std::uint64_t>(time.count());
  }

  base::Ticks length_{};
  std::size_t dependent_ = 0;
  std::uint64_t bytes_ = 0;
  Peak rate_, pictures_;
};

}  // namespace weir::session::hls
