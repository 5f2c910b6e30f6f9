#include "net/worker.h"

#include <pthread.h>
#include <time.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <map>

#include "base/random.h"
#include "net/coroutine.h"

namespace weir::net {
namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

std::chrono::nanoseconds thread_cpu_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

void Life::stop(base::ErrorCode why, bool polite) {
  if (!reason_) reason_ = why;
  if (polite && on_stop) {
    const auto good_bye = std::exchange(on_stop, nullptr);
    good_bye();
    return;
  }
  signal_.emit(asio::cancellation_type::terminal);
}

Worker::Worker(base::WorkerIndex index, log::Logger* logger) : index_(index), logger_(logger) {}

Worker::~Worker() { stop(); }

void Worker::start() {
  thread_ = std::thread([this] {
    const std::string name = "worker-" + std::to_string(static_cast<int>(index_));
    ::pthread_setname_np(::pthread_self(), name.c_str());
    const auto work = asio::make_work_guard(io_);
    last_tick_ = Clock::now();
    cpu_at_tick_ = thread_cpu_time();
    schedule_tick();
    io_.run();
  });
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  io_.stop();
  thread_.join();
}

base::SessionId Worker::spawn(std::string name, Session session) {
  auto life = std::make_unique<Life>(*this, std::move(name), base::random_session_id(), logger_);
  Life& reference = *life;
  list_.push_back(reference);
  // Gives the count back too when there is no memory for the session to begin.
  std::shared_ptr<void> seat(&session_count_, [](std::size_t* count) { --*count; });
  ++session_count_;
  const auto id = reference.id();
  // The completion owns the Life, so it outlives the coroutine frame and the cancellation slot inside it.
  asio::co_spawn(io_, run(reference, std::move(session)),
                 asio::bind_cancellation_slot(
                     reference.signal_.slot(),
                     [this, life = std::move(life), seat = std::move(seat)](const std::exception_ptr&) mutable {
                       seat.reset();
                       // The slot is still being used by the operation that ends here: let it
                       // finish first.
                       asio::post(io_, [dead = std::move(life)] {});
                     }));
  return id;
}

Task<void> Worker::run(Life& life, Session session) {
  // After a stop, waits fail by the sticky check of the house primitives and not by a throw, so that clean-up can wait.
  co_await asio::this_coro::throw_if_cancelled(false);
  try {
    co_await session(life);
  } catch (const std::bad_alloc&) {
    out_of_memory(life);
  } catch (const std::exception& fault) {
    log::error(life.log(), "{} session ended by a fault of the server: {}", life.name(), fault.what());
  }
}

// The session that asked for more than there is ends, alone; what it held is free by now. A line in the log wants
// memory too, so it may be left out.
void Worker::out_of_memory(const Life& life) {
  ++out_of_memory_;
  try {
    log::error(life.log(), "{} session ended: there is no memory left for it", life.name());
  } catch (const std::bad_alloc&) {
    return;
  }
}

void Worker::stop_sessions(base::ErrorCode why, bool polite, std::string_view name) {
  for (auto it = list_.begin(); it != list_.end();) {
    Life& life = *it++;
    if (life.name().starts_with(name)) life.stop(why, polite);
  }
}

void Worker::drain_sessions() {
  for (auto it = list_.begin(); it != list_.end();) {
    Life& life = *it++;
    if (const auto told = std::exchange(life.on_drain, nullptr)) told();
  }
}

std::size_t Worker::session_count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(list_.begin(), list_.end(), [&](const Life& life) { return life.name().starts_with(name); }));
}

std::string Worker::running_sessions() const {
  std::map<std::string, int> counts;
  for (const Life& life : list_) ++counts[life.name()];
  std::string text;
  for (const auto& [name, count] : counts) text += (text.empty() ? "" : ", ") + name + " x " + std::to_string(count);
  return text;
}

void Worker::schedule_tick() {
  tick_timer_.expires_at(last_tick_ + tick_length);
  tick_timer_.async_wait([this](const base::ErrorCode& error) {
    if (!error) tick();
  });
}

void Worker::tick() {
  const auto now = Clock::now();
  const auto cpu = thread_cpu_time();
  const auto wall = now - last_tick_;
  lag_ = std::chrono::duration_cast<std::chrono::microseconds>(wall - tick_length);
  busy_ = std::chrono::duration<double>(cpu - cpu_at_tick_) / std::chrono::duration<double>(wall);
  cpu_at_tick_ = cpu;
  last_tick_ = now;
  // Less is seen in the metric; a machine that others use as well is late all the time.
  if (lag_ > std::chrono::milliseconds(500) && now - last_stall_log_ > std::chrono::minutes(1)) {
    last_stall_log_ = now;
    log::warn({logger_, {}, {}}, "worker {} was held up for {} ms (busy {:.0f} %)", static_cast<int>(index_),
              lag_.count() / 1000, busy_ * 100);
  }
  for (auto it = list_.begin(); it != list_.end();) {
    Life& life = *it++;
    if (!life.stopping() && life.watchdog.expired(now)) life.stop(Errc::timed_out);
  }
  for (const auto& work : ticks_) work();
  schedule_tick();
}

}  // namespace weir::net
