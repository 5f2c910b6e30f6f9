#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace weir::log {

// Who causes a line, as Context has it: a peer's address as a number; 0, the server itself, for none.
std::uint64_t origin_of(std::string_view address);

// Lets lines of one kind that one address causes through at a rate, and those of all addresses together at ten times
// that, and counts the others: neither a peer that connects in a loop nor one that makes addresses up fills the disk or
// the queue. A kind is a format string. Any thread; tables of fixed size, in which what is new takes the place of what
// has been silent longest.
class Flood {
 public:
  static constexpr unsigned burst_seconds = 5;        // lines of that many seconds may come at once
  static constexpr unsigned addresses_together = 10;  // times the rate of one
  static constexpr std::size_t ways = 4, sets = 1024, sets_of_kinds = 128;

  // 0: no limit.
  explicit Flood(unsigned lines_per_second);
  // From the next line on. Any thread.
  void set_rate(unsigned lines_per_second);

  struct Verdict {
    bool write = true;
    std::uint64_t left_out = 0;         // of the same kind and address, since the last that was written
    std::uint64_t left_out_of_all = 0;  // of the same kind, because all addresses together had too many
    // What has fallen silent, one address or all together, and what no line has told of it.
    std::string_view silent_kind;
    std::uint64_t silent_left_out = 0;
    bool silent_are_many = false;
  };
  // `kind` must live as long as this: a format string does.
  Verdict hit(std::uint64_t origin, std::string_view kind, base::Instant now);
  std::uint64_t left_out() const;

 private:
  static constexpr std::uint64_t everybody = ~std::uint64_t{0};
  struct Slot {
    std::uint64_t origin = 0;  // 0: free
    std::string_view kind;
    base::Instant last{};
    double tokens = 0;
    std::uint64_t left_out = 0;
  };
  using Table = std::vector<std::array<Slot, ways>>;
  static Slot& slot_of(Table& table, std::uint64_t origin, std::string_view kind, double rate, base::Instant now,
                       Verdict& verdict);
  static void tell_silent(std::array<Slot, ways>& set, base::Instant now, Verdict& verdict);

  // state
  mutable std::mutex mutex_;
  std::atomic<double> rate_;  // lines a second
  Table table_, kinds_;       // by address and kind, and by kind; empty until there is a limit
  std::size_t looked_at_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace weir::log
