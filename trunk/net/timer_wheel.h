#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <array>
#include <chrono>
#include <functional>

#include "base/thread_check.h"

namespace weir::net {

// Coarse timers by the thousand for one system timer: ten milliseconds a slot. The system timer runs only while
// something is armed. For pauses and limits of sessions, where an Asio timer each would cost a system call each. Many
// that are due at once fire a millisecond's worth at a time, in their order, and others of the worker have their turn
// between.
class TimerWheel {
 public:
  // One timer. Disarmed when destroyed. Belongs to the wheel's worker; must not outlive the wheel while armed.
  class Timer : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    explicit Timer(std::function<void()> fire) : fire_(std::move(fire)) {}
    bool armed() const { return is_linked(); }
    void disarm() { unlink_if(); }

   private:
    friend class TimerWheel;
    void unlink_if() {
      if (is_linked()) unlink();
    }
    std::function<void()> fire_;
    std::uint64_t due_slot_ = 0;
  };

  static constexpr std::chrono::milliseconds slot_length{10};

  explicit TimerWheel(boost::asio::io_context& io);
  // Fires once, `delay` from now, rounded up to a slot. Arming again moves it.
  void arm(Timer& timer, std::chrono::milliseconds delay);
  void stop();

 private:
  using Slot = boost::intrusive::list<Timer, boost::intrusive::constant_time_size<false>>;
  void schedule();
  void tick();
  void fire_due();
  std::uint64_t now_slot() const;

  // owned
  boost::asio::steady_timer timer_;
  std::array<Slot, 1024> slots_;
  Slot due_;  // those whose time has come

  // state
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::uint64_t done_slot_ = 0;  // every slot up to this one was emptied
  bool running_ = false;
  bool firing_ = false;  // fire_due() goes on, now or in its turn
  bool stopped_ = false;
  base::ThreadCheck thread_;
};

}  // namespace weir::net
