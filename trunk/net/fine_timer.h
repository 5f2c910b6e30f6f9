#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>

#include "base/clock.h"

namespace weir::net {

// Fires at a point of time, to the millisecond: for the few that pace what they send. It is a system timer of its own;
// pauses and limits are TimerWheel's. Lives on one worker.
class FineTimer {
 public:
  FineTimer(boost::asio::io_context& io, std::function<void()> fire)
      : state_(std::make_shared<State>(io, std::move(fire))) {}
  ~FineTimer() { disarm(); }
  FineTimer(const FineTimer&) = delete;
  FineTimer& operator=(const FineTimer&) = delete;

  // Fires once, then. Arming again moves it.
  void arm(base::Instant when) {
    state_->armed = true;
    state_->timer.expires_at(when);
    state_->timer.async_wait([weak = std::weak_ptr(state_), turn = ++state_->turn](boost::system::error_code) {
      const auto state = weak.lock();
      if (!state || !state->armed || state->turn != turn) return;
      state->armed = false;
      state->fire();
    });
  }
  void disarm() {
    if (!state_->armed) return;
    state_->armed = false;
    state_->timer.cancel();
  }
  bool armed() const { return state_->armed; }

 private:
  struct State {
    State(boost::asio::io_context& io, std::function<void()> what) : timer(io), fire(std::move(what)) {}
    boost::asio::steady_timer timer;
    std::function<void()> fire;
    std::uint64_t turn = 0;
    bool armed = false;
  };
  std::shared_ptr<State> state_;
};

}  // namespace weir::net
