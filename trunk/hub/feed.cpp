#include "hub/feed.h"

#include <sys/uio.h>

#include <algorithm>

#include "hub/cadence.h"
#include "hub/error.h"
#include "hub/pump.h"

namespace weir::hub {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t most_beginners = 128;  // readers that start in one round

LogLimits entry_limits(const config::Play& play) {
  return {play.gop_cache_max_bytes, play.gop_cache_max_time, play.gop_cache_max_frames};
}

LogLimits window_limits(const config::Play& play) {
  constexpr std::size_t most_entries = 1 << 17;  // of tiny messages; bytes and time bound the rest
  return {std::max(play.gop_cache_max_bytes, play.queue_bytes), std::max(play.gop_cache_max_time, play.queue_length),
          most_entries};
}

}  // namespace

Feed::Feed(Cadence& cadence, std::shared_ptr<const config::Vhost> vhost, log::Context log, MemoryBudget* memory)
    : cadence_(cadence),
      vhost_(std::move(vhost)),
      who_(log),
      log_(entry_limits(vhost_->play), window_limits(vhost_->play), memory, Cache::readers) {}

Feed::~Feed() { cadence_.remove(*this); }

void Feed::set_vhost(std::shared_ptr<const config::Vhost> vhost) {
  vhost_ = std::move(vhost);
  log_.set_limits(entry_limits(vhost_->play), window_limits(vhost_->play));
}

void Feed::begin(base::SharedBytes header) {
  thread_.check();
  live_ = true;
  barren_ = false;
  absence_ = {};
  header_ = std::move(header);
  log_.forget_entry();
  wake_waiters();
}

void Feed::wake_waiters() {
  for (FeedWaiter& waiter : waiters_) waiter.wake_.notify();
}

void Feed::set_absent(base::ErrorCode why) {
  thread_.check();
  if (live_) return;
  absence_ = why;
  wake_waiters();
  const std::vector<Pump*> waiting = waiting_;
  for (Pump* pump : waiting) pump->fail(why);
}

void Feed::accept(std::span<const Wire> wires) {
  thread_.check();
  barren_ = false;
  for (const Wire& wire : wires) log_.append(wire, wire.bytes.size(), wire.dts, wire.entry, wire.lead);
  trim();
  if (reader_count() > 0) cadence_.changed(*this);
}

void Feed::gap() {
  log_.forget_entry();
  note_skip(0);
}

void Feed::set_barren() {
  thread_.check();
  barren_ = true;
  for (const auto& list : {waiting_, ready_}) {
    for (Pump* pump : list) pump->fail(Errc::not_carried);
  }
}

void Feed::end() {
  begin_waiting(waiting_.size());  // a publication of one turn has been seen too
  live_ = false;
  log_.forget_entry();
  cadence_.changed(*this);
}

std::chrono::microseconds Feed::merge_limit(std::chrono::microseconds load_delay) const {
  const config::Play& play = vhost_->play;
  const std::chrono::microseconds least = play.send_min_interval;
  if (vhost_->min_latency) return least;
  if (play.mw_adaptive) return std::max(least, std::min<std::chrono::microseconds>(load_delay, play.mw_latency));
  return std::max<std::chrono::microseconds>(least, play.mw_latency);
}

// Whoever waits for a key frame starts on it, `most` of them.
std::size_t Feed::begin_waiting(std::size_t most) {
  std::size_t begun = 0;
  for (std::size_t i = waiting_.size(); i-- > 0 && begun < most;) {
    Pump& pump = *waiting_[i];
    if (!pump.begin_at_entry()) continue;
    pump.advance();
    ++begun;
  }
  return begun;
}

void Feed::begin_round() {
  in_round_ = true;
  next_floor_ = log_.head();
  if (begin_waiting(most_beginners) == most_beginners) changed_in_round_ = true;  // the others in the round after this
  round_left_ = ready_.size();
  ++round_next_;  // another reader is first each time, so that nobody is always last
}

bool Feed::deliver(std::size_t budget) {
  thread_.check();
  if (!in_round_) begin_round();
  while (round_left_ > 0 && !ready_.empty()) {
    if (round_next_ >= ready_.size()) round_next_ = 0;
    Pump& pump = *ready_[round_next_];
    if (pump.position_ < log_.head()) {
      if (budget-- == 0) return false;
      serve(pump);
    }
    --round_left_;
    // A reader that could not take all has left the list, and another stands in its place.
    if (round_next_ < ready_.size() && ready_[round_next_] == &pump) ++round_next_;
  }
  end_round();
  return true;
}

void Feed::end_round() {
  in_round_ = false;
  ready_floor_ = next_floor_;
  if (live_) return;
  const std::vector<Pump*> readers = ready_;
  for (Pump* pump : readers) pump->settle();
}

// The fast path: one send of bytes that all readers at this position share.
void Feed::serve(Pump& pump) {
  if (pump.position_ < log_.tail()) {
    pump.advance();
    return;
  }
  if (pump.position_ != batch_from_ || log_.head() != batch_head_) gather(pump.position_);
  const auto written = pump.stream_.try_write({parts_->data(), part_count_});
  if (written && *written == batch_bytes_) {
    pump.position_ = batch_to_;
    if (batch_to_ != log_.head()) pump.advance();
  } else if (written || written.error() == net::Errc::would_block) {
    pump.written_of_batch(written ? *written : 0);
    pump.wait_for_room();
  } else {
    pump.fail(written.error());
  }
}

// Makes one list of buffers of all from `from` to the head, joining what lies side by side in memory.
void Feed::gather(Log<Wire>::Position from) {
  if (!parts_) parts_ = std::make_unique<std::array<iovec, most_parts>>();
  part_count_ = 0;
  batch_bytes_ = 0;
  batch_from_ = from;
  batch_head_ = log_.head();
  auto& parts = *parts_;
  Log<Wire>::Position position = from;
  for (; position < batch_head_; ++position) {
    const base::SharedBytes& bytes = log_.at(position).bytes;
    if (bytes.empty()) continue;
    if (part_count_ > 0) {
      iovec& last = parts[part_count_ - 1];
      if (static_cast<const std::uint8_t*>(last.iov_base) + last.iov_len == bytes.data()) {
        last.iov_len += bytes.size();
        batch_bytes_ += bytes.size();
        continue;
      }
    }
    if (part_count_ == most_parts) break;
    parts[part_count_++] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    batch_bytes_ += bytes.size();
  }
  batch_to_ = position;
}

void Feed::take_out(Pump& pump) {
  std::vector<Pump*>* list = nullptr;
  switch (pump.place_) {
    case Pump::Place::ready:
      list = &ready_;
      break;
    case Pump::Place::waiting:
      list = &waiting_;
      break;
    case Pump::Place::behind:
      list = &behind_;
      break;
    case Pump::Place::none:
      return;
  }
  Pump* last = list->back();
  (*list)[pump.index_] = last;
  last->index_ = pump.index_;
  list->pop_back();
  pump.place_ = Pump::Place::none;
}

void Feed::check_stalled(Clock::time_point now) {
  for (std::size_t i = behind_.size(); i-- > 0;) {
    Pump& pump = *behind_[i];
    if (pump.blocked_ && now - pump.progress_ > vhost_->play.send_timeout) pump.fail(net::Errc::stalled);
  }
  trim();
}

void Feed::note_skip(std::uint64_t bytes) {
  ++skips_;
  skipped_bytes_ += bytes;
  const auto now = Clock::now();
  if (now - last_skip_log_ < 1s) return;
  last_skip_log_ = now;
  log::warn(who_, "players too slow: {} moved to the newest key frame ({} in all, {} bytes not sent)",
            skips_ - skips_logged_, skips_, skipped_bytes_);
  skips_logged_ = skips_;
}

void Feed::trim() {
  // With many readers behind, looking for the slowest at each message would cost more than the memory it saves.
  if (behind_.size() > 64 && ++appends_since_trim_ < 32) return;
  appends_since_trim_ = 0;
  auto slowest = in_round_ || !ready_.empty() ? std::min(ready_floor_, log_.head()) : log_.head();
  for (const Pump* pump : behind_) slowest = std::min(slowest, pump->position_);
  log_.trim(slowest);
}

}  // namespace weir::hub
