#include "net/timer_wheel.h"

#include <algorithm>
#include <utility>

#include "net/patience.h"

namespace weir::net {

TimerWheel::TimerWheel(boost::asio::io_context& io) : timer_(io) {}

std::uint64_t TimerWheel::now_slot() const {
  return static_cast<std::uint64_t>((std::chrono::steady_clock::now() - start_) / slot_length);
}

void TimerWheel::arm(Timer& timer, std::chrono::milliseconds delay) {
  thread_.check();
  timer.unlink_if();
  if (stopped_) return;
  const std::uint64_t now = now_slot();
  if (!running_) done_slot_ = now;
  const auto ahead = static_cast<std::uint64_t>(std::max<std::int64_t>(0, delay / slot_length));
  timer.due_slot_ = std::max(now, done_slot_) + ahead + 1;
  slots_[timer.due_slot_ % slots_.size()].push_back(timer);
  if (!running_) schedule();
}

void TimerWheel::schedule() {
  running_ = true;
  timer_.expires_at(start_ + slot_length * static_cast<std::int64_t>(done_slot_ + 1));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !stopped_) tick();
  });
}

void TimerWheel::tick() {
  const std::uint64_t now = now_slot();
  while (done_slot_ < now) {
    ++done_slot_;
    Slot& slot = slots_[done_slot_ % slots_.size()];
    for (auto it = slot.begin(); it != slot.end();) {
      Timer& timer = *it++;
      if (timer.due_slot_ > done_slot_) continue;  // a later turn of the wheel
      timer.unlink();
      due_.push_back(timer);
    }
  }
  if (!std::exchange(firing_, true)) fire_due();
  const bool any = std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return !slot.empty(); });
  if (any) {
    schedule();
  } else {
    running_ = false;
  }
}

void TimerWheel::fire_due() {
  const auto until = std::chrono::steady_clock::now() + Patience::longest;
  while (!due_.empty() && !stopped_) {
    Timer& timer = due_.front();
    timer.unlink();
    timer.fire_();
    if (std::chrono::steady_clock::now() < until || due_.empty()) continue;
    return Patience::of(timer_.get_executor().context()).post([this] { fire_due(); });
  }
  firing_ = false;
}

void TimerWheel::stop() {
  stopped_ = true;
  timer_.cancel();
}

}  // namespace weir::net
