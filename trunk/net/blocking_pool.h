#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "net/task.h"

namespace weir::net {

// A few threads for calls that may block (files, name look-ups), so that no worker waits for a disk. The queue is
// bounded. Built once, used from every worker; it must be stopped after the workers' coroutines ended or while their
// contexts live.
class BlockingPool {
 public:
  BlockingPool(unsigned threads, std::size_t queue_limit);
  ~BlockingPool();  // waits for the jobs that run; those that wait are dropped
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // Runs `job` on a thread of the pool and comes back on the caller's executor with what it gave; no value if the queue
  // is full or the session was told to stop meanwhile. `job` owns whatever it touches: it may outlive the caller.
  template <class Job>
  auto run(Job job) -> Task<std::optional<std::invoke_result_t<Job>>> {
    using Outcome = std::optional<std::invoke_result_t<Job>>;
    auto outcome = std::make_shared<Outcome>();
    const bool done = co_await run_erased([outcome, job = std::move(job)]() mutable { outcome->emplace(job()); });
    if (!done) co_return std::nullopt;
    co_return std::move(*outcome);
  }

  // Queues `job`; false if the queue is full. For what is not waited for. Any thread, also one of the pool.
  bool post(std::function<void()> job);

 private:
  struct State;
  Task<bool> run_erased(std::function<void()> job);

  std::unique_ptr<State> state_;
};

}  // namespace weir::net
