#include "hub/cadence.h"

#include <algorithm>

#include "hub/feed.h"
#include "net/worker.h"

namespace weir::hub {

using namespace std::chrono_literals;
using std::chrono::microseconds;

namespace {

constexpr std::size_t slice = 128;    // sends between two looks at the event loop: about a millisecond
constexpr auto sample_length = 50ms;  // of the load
constexpr double too_busy = 0.88, at_ease = 0.78;
constexpr microseconds shortest_delay = 1ms, longest_delay = 2s;

}  // namespace

struct Cadence::Timer {
  explicit Timer(boost::asio::io_context& io) : timer(io) {}
  boost::asio::steady_timer timer;
};

Cadence::Cadence(net::Worker& worker) : worker_(worker), timer_(std::make_unique<Timer>(worker.io())) {}
Cadence::~Cadence() = default;

void Cadence::changed(Feed& feed) {
  if (feed.schedule_ == Feed::Schedule::idle) {
    const auto now = Clock::now();
    feed.oldest_unsent_ = feed.came_ = now;
    schedule(feed, now);
  } else if (feed.schedule_ == Feed::Schedule::active && feed.in_round_ && !feed.changed_in_round_) {
    feed.changed_in_round_ = true;
    feed.oldest_unsent_ = feed.came_ = Clock::now();
  }
}

void Cadence::schedule(Feed& feed, Clock::time_point now) {
  const auto due = feed.oldest_unsent_ + feed.merge_limit(load_delay_);
  if (due <= now) {
    feed.schedule_ = Feed::Schedule::active;
    feed.oldest_unsent_ = due;
    active_.push_back(&feed);
    post_run();
    return;
  }
  feed.schedule_ = Feed::Schedule::timed;
  timed_.push_back({due, &feed});
  std::push_heap(timed_.begin(), timed_.end(), [](const Due& a, const Due& b) { return a.when > b.when; });
  arm_timer();
}

void Cadence::remove(Feed& feed) {
  std::erase(active_, &feed);
  std::erase_if(timed_, [&](const Due& due) { return due.feed == &feed; });
  std::make_heap(timed_.begin(), timed_.end(), [](const Due& a, const Due& b) { return a.when > b.when; });
}

void Cadence::post_run() {
  if (run_posted_) return;
  run_posted_ = true;
  worker_.post([this] {
    run_posted_ = false;
    run();
  });
}

// One slice of the feed in front; then the event loop has its turn.
void Cadence::run() {
  std::size_t budget = slice;
  const auto now = Clock::now();
  adapt(now);
  for (std::size_t left = active_.size(); left > 0 && budget > 0; --left) {
    Feed& feed = *active_.front();
    if (!feed.in_round_) {
      worst_lateness_ = std::max(worst_lateness_, std::chrono::nanoseconds(now - feed.oldest_unsent_));
      ++rounds_;
      feed.round_came_ = feed.came_;
      feed.round_began_ = now;
    }
    const bool done = feed.deliver(budget);
    if (budget > 0) --budget;  // a feed whose readers have all they want cost a look at least
    active_.pop_front();
    if (!done) {
      active_.push_back(&feed);
      continue;
    }
    const auto ended = Clock::now();
    deliveries_.note(ended - feed.round_came_);
    writing_.note(ended - feed.round_began_);
    feed.schedule_ = Feed::Schedule::idle;
    if (std::exchange(feed.changed_in_round_, false)) schedule(feed, now);
  }
  if (!active_.empty()) post_run();
}

void Cadence::arm_timer() {
  if (timed_.empty() || timed_.front().when >= timer_at_) return;
  timer_at_ = timed_.front().when;
  timer_->timer.expires_at(timer_at_);
  timer_->timer.async_wait([this](const boost::system::error_code& error) {
    if (!error) on_timer();
  });
}

void Cadence::on_timer() {
  // Setting the system's timer costs some 20 us: feeds that are due within the next millisecond go along.
  const auto horizon = Clock::now() + 1ms;
  while (!timed_.empty() && timed_.front().when <= horizon) {
    std::pop_heap(timed_.begin(), timed_.end(), [](const Due& a, const Due& b) { return a.when > b.when; });
    const Due due = timed_.back();
    timed_.pop_back();
    due.feed->schedule_ = Feed::Schedule::active;
    due.feed->oldest_unsent_ = due.when;
    active_.push_back(due.feed);
  }
  timer_at_ = Clock::time_point::max();
  arm_timer();
  if (!active_.empty()) run();
}

// Answers the load of the last fifty milliseconds: longer merges above `too_busy`, shorter ones below `at_ease`. A core
// that is taken by others shows as lateness and not as CPU time of ours, so lateness counts as load too.
void Cadence::adapt(Clock::time_point now) {
  const auto wall = now - sampled_at_;
  if (wall < sample_length) return;
  const auto cpu = net::thread_cpu_time();
  const double busy = std::chrono::duration<double>(cpu - cpu_at_sample_) / std::chrono::duration<double>(wall);
  const bool fresh = wall > 4 * sample_length;  // nothing ran for a while: the sample says little
  cpu_at_sample_ = cpu;
  sampled_at_ = now;
  const bool late = worst_lateness_ > load_delay_ + 10ms;
  worst_lateness_ = 0ns;
  if (fresh) {
    if (busy < at_ease) load_delay_ = load_delay_ / 2;
  } else if (busy > too_busy || late) {
    const double factor = busy > 0.97 || late ? 1.4 : 1.15;
    load_delay_ =
        std::min(longest_delay,
                 std::max(shortest_delay,
                          microseconds(static_cast<std::int64_t>(static_cast<double>(load_delay_.count()) * factor))));
  } else if (busy < at_ease) {
    load_delay_ = microseconds(static_cast<std::int64_t>(static_cast<double>(load_delay_.count()) * 0.9));
    if (load_delay_ < shortest_delay) load_delay_ = 0us;
  }
}

}  // namespace weir::hub
