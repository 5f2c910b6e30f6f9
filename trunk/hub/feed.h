#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/log.h"
#include "base/thread_check.h"
#include "config/vhost.h"
#include "hub/batch.h"
#include "hub/feed_waiter.h"
#include "hub/log.h"
#include "hub/reader.h"
#include "hub/wire.h"

namespace weir::hub {

class Cadence;

// One stream in one format on one worker, with the players that read it there. Filled by the Source of the same worker
// or, by message, from another: from here on there is no difference. Exists while it has readers, with or without a
// publisher. Owned by the worker's Hub.
class Feed {
 public:
  Feed(Cadence& cadence, std::shared_ptr<const config::Vhost> vhost, log::Context log, MemoryBudget* memory = nullptr);
  ~Feed();

  // A publisher came. `header` as Packager::header.
  void begin(base::SharedBytes header);
  void set_header(base::SharedBytes header) { header_ = std::move(header); }
  void accept(std::span<const Wire> wires);
  // Wires were lost on the way here: readers go on from the next entry.
  void gap();
  // The stream has no track that this format can carry: readers that get nothing fail with Errc::not_carried.
  void set_barren();
  // The publisher left. Readers write what they have and stay for the next.
  void end();

  // Nobody will publish it, as far as is known: those who wait for the beginning fail with that.
  void set_absent(base::ErrorCode why);
  void forget_absence() { absence_ = {}; }
  // Told when the feed is live or known to stay empty.
  void await(FeedWaiter& waiter) { waiters_.push_back(waiter); }

  bool live() const { return live_; }
  // Why it is known not to come; none while it is not known.
  base::ErrorCode absence() const { return absence_; }
  bool barren() const { return barren_; }
  std::size_t reader_count() const { return ready_.size() + waiting_.size() + behind_.size(); }
  const Log<Wire>& log() const { return log_; }
  const base::SharedBytes& header() const { return header_; }
  // All from there to the head, for byte streams; valid until the next call.
  const Batch& batch(Log<Wire>::Position from) {
    batch_.gather(log_, from);
    return batch_;
  }
  // A reader has more to take although nothing came: another round.
  void more_to_serve();
  // Its readers are such that nothing is gained by writing later and more at once.
  void set_prompt() { prompt_ = true; }
  // What all have taken is kept for so long nevertheless, as far as the limits of the window go: for who is asked for
  // it again. The longest that any reader asked for.
  void keep_history(base::Ticks length) { history_ = std::max(history_, length); }
  const config::Vhost& vhost() const { return *vhost_; }
  // After a reload: limits and latencies of running players follow.
  void set_vhost(std::shared_ptr<const config::Vhost> vhost);

  // Counters since birth: how often a reader was moved forward, and the bytes it did not get.
  std::uint64_t skips() const { return skips_; }
  std::uint64_t skipped_bytes() const { return skipped_bytes_; }

  // How long new data may wait for more, given what the worker's load asks for.
  std::chrono::microseconds merge_limit(std::chrono::microseconds load_delay) const;
  // Serves what is new to readers at the head, as far as `budget` sends go, of which it takes what it spent. False if
  // there are more to serve in this round.
  bool deliver(std::size_t& budget);
  void check_stalled(std::chrono::steady_clock::time_point now);

 private:
  friend class Cadence;
  friend class Reader;

  void wake_waiters();
  void begin_round();
  std::size_t begin_waiting(std::size_t most);
  void end_round();
  std::vector<Reader*>& list_of(Reader::Place place);
  void take_out(Reader& reader);
  // A reader that stands among the ready ones is served from there.
  void keep_from(Log<Wire>::Position position) {
    ready_floor_ = std::min(ready_floor_, position);
    next_floor_ = std::min(next_floor_, position);
  }
  void note_skip(std::uint64_t bytes);
  void trim();

  // given
  Cadence& cadence_;
  std::shared_ptr<const config::Vhost> vhost_;
  log::Context who_;

  // owned
  Log<Wire> log_;
  base::SharedBytes header_;
  std::vector<Reader*> ready_, waiting_, behind_;
  boost::intrusive::list<FeedWaiter, boost::intrusive::constant_time_size<false>> waiters_;
  Batch batch_;

  // state
  base::Ticks history_{};
  bool live_ = false;
  bool barren_ = false;
  bool prompt_ = false;
  base::ErrorCode absence_;
  Log<Wire>::Position ready_floor_ = 0, next_floor_ = 0;  // no reader in ready_ is before the first
  std::size_t round_left_ = 0, round_next_ = 0;
  bool in_round_ = false, changed_in_round_ = false;
  std::chrono::steady_clock::time_point oldest_unsent_{};
  std::chrono::steady_clock::time_point came_{}, round_came_{}, round_began_{};  // for Cadence's figures
  enum class Schedule : std::uint8_t { idle, timed, active } schedule_ = Schedule::idle;
  std::uint64_t skips_ = 0, skipped_bytes_ = 0, skips_logged_ = 0;
  std::chrono::steady_clock::time_point last_skip_log_{};
  std::uint32_t appends_since_trim_ = 0;
  base::ThreadCheck thread_;
};

}  // namespace weir::hub
