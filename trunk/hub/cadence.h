#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <vector>

#include <memory>

#include "base/durations.h"

namespace weir::net {
class Worker;
}

namespace weir::hub {

class Feed;

// Decides when the feeds of one worker write: at the end of the turn in which data came (lowest latency), after
// mw_latency (merged write), or after as long as the worker's load asks for (adaptive merge, the default). The cost of
// fan-out is per send, so load is answered with fewer and longer sends; an idle worker does not wait at all.
//
// Rounds are served in slices with the event loop's other work between them: a feed with ten thousand players holds up
// neither the publishers nor the other feeds.
class Cadence {
 public:
  explicit Cadence(net::Worker& worker);
  ~Cadence();

  void changed(Feed& feed);
  void remove(Feed& feed);

  // What adaptive feeds wait at present.
  std::chrono::microseconds load_delay() const { return load_delay_; }
  std::uint64_t rounds() const { return rounds_; }
  // From the moment when media came to a feed to the one when all players at its head were handed it.
  const base::Durations& deliveries() const { return deliveries_; }
  // What of that was the writing: a round from its first send to its last, with what else the worker did between.
  const base::Durations& writing() const { return writing_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Due {
    Clock::time_point when;
    Feed* feed;
  };

  void schedule(Feed& feed, Clock::time_point now);
  void post_run();
  void run();
  void arm_timer();
  void on_timer();
  void adapt(Clock::time_point now);

  // given
  net::Worker& worker_;

  // owned
  struct Timer;
  std::unique_ptr<Timer> timer_;
  std::deque<Feed*> active_;  // in a round, or about to begin one
  std::vector<Due> timed_;    // heap, earliest on top

  // state
  bool run_posted_ = false;
  Clock::time_point timer_at_ = Clock::time_point::max();
  std::chrono::microseconds load_delay_{0};
  std::chrono::nanoseconds worst_lateness_{0};
  Clock::time_point sampled_at_{};
  std::chrono::nanoseconds cpu_at_sample_{0};
  std::uint64_t rounds_ = 0;
  base::Durations deliveries_, writing_;
};

}  // namespace weir::hub
