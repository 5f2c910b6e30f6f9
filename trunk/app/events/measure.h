#pragma once

#include <array>
#include <deque>

#include "app/hooks/figures.h"
#include "app/stats/statistics.h"

namespace weir::events {

class Board;

// Makes the event `stats`, and events out of counters that grew since the last time. On the first worker.
class Measure {
 public:
  Measure(Board& board, stats::Statistics& statistics, const hooks::Figures* hooks)
      : board_(board), statistics_(statistics), hooks_(hooks) {}
  // Asks all workers and tells the board when they have answered. Does nothing while it asks already.
  void begin(net::Worker& home);

 private:
  struct Point {
    std::chrono::steady_clock::time_point at;
    std::uint64_t received = 0, sent = 0;
  };
  net::Task<void> ask(net::Worker& home);
  void tell(const stats::SystemSample& system, const std::vector<stats::WorkerRow>& workers, std::size_t streams);
  void tell_skips(std::uint64_t skips);
  void tell_hooks();

  // given
  Board& board_;
  stats::Statistics& statistics_;
  const hooks::Figures* hooks_;

  // state
  bool asking_ = false;
  std::deque<Point> points_;  // of the last seconds: sessions are counted once in three
  std::optional<std::uint64_t> skips_;
  struct Calls {
    std::uint64_t failed = 0, denied = 0, dropped = 0;
  };
  std::array<Calls, hooks::hook_names.size()> calls_{};
  bool calls_known_ = false;
};

}  // namespace weir::events
