#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"

namespace weir::session::upstream {

// What is known of places that several streams are fetched from, by the names that the configuration gives them: which
// of them answer, and which one gave a stream last. One for all workers, since what one of them was told is true for
// the others; asked on any thread, once for each attempt. No clock.
class Health {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds first_rest{1'000}, longest_rest{30'000};

  // It gave the stream.
  void gave(const std::string& place, const base::StreamKey& stream);
  // It could not be reached, or broke off: for 1, 2, 4, ... 30 s it is asked only if no other is left.
  void failed(const std::string& place, Time now);
  bool rests(const std::string& place, Time now) const;

  // Which of these is asked next, of those that were not `tried`: the one that gave the stream last, then the first one
  // that does not rest, then the one that has rested longest. None: all were tried.
  std::optional<std::size_t> choose(std::span<const std::string> places, const std::vector<bool>& tried,
                                    const base::StreamKey& stream, Time now) const;

 private:
  struct State {
    Time rests_until{};
    std::uint32_t failures = 0;  // in a row
  };
  Time rests_until(const std::string& place) const;  // with the mutex held

  mutable std::mutex mutex_;
  std::unordered_map<std::string, State> places_;
  std::unordered_map<base::StreamKey, std::string> gave_;  // and which
  std::deque<base::StreamKey> order_;                      // of gave_, the oldest first
};

}  // namespace weir::session::upstream
