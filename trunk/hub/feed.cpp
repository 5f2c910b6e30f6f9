#include "hub/feed.h"

#include <algorithm>
#include <cassert>

#include "hub/cadence.h"
#include "hub/error.h"
#include "net/error.h"

namespace weir::hub {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t most_beginners = 128;  // readers that start in one round

constexpr std::chrono::microseconds longest_prompt_merge = 10ms;

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
  const std::vector<Reader*> waiting = waiting_;
  for (Reader* reader : waiting) reader->fail(why);
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
    for (Reader* reader : list) reader->fail(Errc::not_carried);
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
  if (prompt_) return std::max(least, std::min<std::chrono::microseconds>(load_delay, longest_prompt_merge));
  if (play.mw_adaptive) return std::max(least, std::min<std::chrono::microseconds>(load_delay, play.mw_latency));
  return std::max<std::chrono::microseconds>(least, play.mw_latency);
}

// Whoever waits for a key frame starts on it, `most` of them.
std::size_t Feed::begin_waiting(std::size_t most) {
  std::size_t begun = 0;
  for (std::size_t i = waiting_.size(); i-- > 0 && begun < most;) {
    Reader& reader = *waiting_[i];
    if (!reader.begin_at_entry()) continue;
    reader.advance();
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

bool Feed::deliver(std::size_t& budget) {
  thread_.check();
  if (!in_round_) begin_round();
  while (round_left_ > 0 && !ready_.empty()) {
    if (round_next_ >= ready_.size()) round_next_ = 0;
    Reader& reader = *ready_[round_next_];
    if (reader.position_ < log_.head()) {
      if (budget == 0) return false;
      budget -= std::min(budget, reader.serve());
    }
    --round_left_;
    // A reader that could not take all has left the list, and another stands in its place.
    if (round_next_ < ready_.size() && ready_[round_next_] == &reader) ++round_next_;
  }
  end_round();
  return true;
}

void Feed::end_round() {
  in_round_ = false;
  ready_floor_ = next_floor_;
  if (live_) return;
  const std::vector<Reader*> readers = ready_;
  for (Reader* reader : readers) {
    if (reader->position_ == log_.head()) reader->settle();
  }
}

std::vector<Reader*>& Feed::list_of(Reader::Place place) {
  assert(place != Reader::Place::none);
  if (place == Reader::Place::ready) return ready_;
  return place == Reader::Place::waiting ? waiting_ : behind_;
}

void Feed::take_out(Reader& reader) {
  if (reader.place_ == Reader::Place::none) return;
  std::vector<Reader*>& list = list_of(reader.place_);
  Reader* last = list.back();
  list[reader.index_] = last;
  last->index_ = reader.index_;
  list.pop_back();
  reader.place_ = Reader::Place::none;
}

void Feed::more_to_serve() { cadence_.changed(*this); }

void Feed::check_stalled(Clock::time_point now) {
  for (std::size_t i = behind_.size(); i-- > 0;) {
    Reader& reader = *behind_[i];
    if (reader.blocked_ && now - reader.progress_ > vhost_->play.send_timeout) reader.fail(net::Errc::stalled);
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
  for (const Reader* reader : behind_) slowest = std::min(slowest, reader->position_);
  log_.trim(slowest, history_);
}

}  // namespace weir::hub
