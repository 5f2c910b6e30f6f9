#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace weir::session::pull {

// When the multicast groups of a source are joined again: routers and switches forget who listens, and tell nobody.
// Every so many seconds, if `every` says so; without it, where nothing has come for a while: then nothing can be lost
// by it. Never with zero. No clock: the caller asks every interval() whether it is time.
class Membership {
 public:
  static constexpr std::chrono::seconds silence{10};
  enum class Again : std::uint8_t { no, due, for_silence };

  explicit Membership(std::optional<std::chrono::seconds> every) : every_(every) {}

  // Zero: it need not be asked.
  std::chrono::seconds interval() const { return every_.value_or(silence); }
  // Something came.
  void heard() { heard_ = true; }
  // An interval is over.
  Again look() {
    const bool silent = !std::exchange(heard_, false);
    if (!every_ && !silent) return Again::no;
    ++times_;
    return every_ ? Again::due : Again::for_silence;
  }
  std::uint64_t times() const { return times_; }  // it was due

 private:
  std::optional<std::chrono::seconds> every_;
  bool heard_ = false;  // since the last look
  std::uint64_t times_ = 0;
};

}  // namespace weir::session::pull
