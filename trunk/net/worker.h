#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "base/log.h"
#include "net/life.h"
#include "net/task.h"
#include "net/timer_wheel.h"

namespace weir::net {

// One thread with one event loop, and the sessions that live on it. Nothing on a worker is touched from another thread
// but by post(). Built and ended by the WorkerPool; must outlive everything that runs on it.
class Worker {
 public:
  using Session = std::function<Task<void>(Life&)>;

  Worker(base::WorkerIndex index, log::Logger* logger);
  ~Worker();

  base::WorkerIndex index() const { return index_; }
  boost::asio::io_context& io() { return io_; }
  TimerWheel& wheel() { return wheel_; }
  log::Logger* logger() const { return logger_; }

  // Starts the thread; it runs until stop().
  void start();
  void stop();  // any thread; returns when the thread has ended

  // Runs `work` on this worker's thread. Any thread.
  template <class F>
  void post(F work) {
    boost::asio::post(io_, std::move(work));
  }

  // Runs a session to its end. `name` is for the log ("rtmp", "http"). An exception inside ends that session alone and
  // is logged: it is a fault of ours, a peer's fault is a value. On this worker. Returns the session's id.
  base::SessionId spawn(std::string name, Session session);

  // Asks every session to end; a polite stop lets players hear the end of their stream.
  // With a name, those alone whose name begins so.
  void stop_sessions(base::ErrorCode why, bool polite, std::string_view name = {});
  // Tells those who have set Life::on_drain.
  void drain_sessions();
  std::size_t session_count() const { return session_count_; }
  // Of those whose name begins so; looks at each.
  std::size_t session_count(std::string_view name) const;
  // Names of what still runs, for the log at the end of a stop: "rtmp x 3, http x 1".
  std::string running_sessions() const;

  // Called four times a second on this worker, in order of registration.
  void every_tick(std::function<void()> work) { ticks_.push_back(std::move(work)); }
  static constexpr std::chrono::milliseconds tick_length{250};

  // The part of the last quarter second or so that the thread spent computing, 0..1.
  double busy() const { return busy_; }
  // Turns of sessions and mailboxes that were cut short so that others had theirs; see Turn. Counted by them.
  std::uint64_t* cut_turns() { return &cut_turns_; }
  std::uint64_t cut_turn_count() const { return cut_turns_; }
  // Sessions that ended since there was no memory for them.
  std::uint64_t out_of_memory_count() const { return out_of_memory_; }
  void count_out_of_memory() { ++out_of_memory_; }
  // How late the last tick came: the time a ready event may have waited.
  std::chrono::microseconds lag() const { return lag_; }

 private:
  Task<void> run(Life& life, Session session);
  void out_of_memory(const Life& life);
  void schedule_tick();
  void tick();

  // given
  base::WorkerIndex index_;
  log::Logger* logger_;

  // owned
  boost::asio::io_context io_{1};
  TimerWheel wheel_{io_};
  boost::asio::steady_timer tick_timer_{io_};
  std::vector<std::function<void()>> ticks_;
  boost::intrusive::list<Life, boost::intrusive::constant_time_size<false>> list_;
  std::thread thread_;

  // state
  std::size_t session_count_ = 0;
  double busy_ = 0;
  std::uint64_t cut_turns_ = 0;
  std::uint64_t out_of_memory_ = 0;
  std::chrono::microseconds lag_{0};
  std::chrono::nanoseconds cpu_at_tick_{0};
  std::chrono::steady_clock::time_point last_tick_;
  std::chrono::steady_clock::time_point last_stall_log_{};
};

// CPU time of the calling thread.
std::chrono::nanoseconds thread_cpu_time();

}  // namespace weir::net
