#include "net/blocking_pool.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "net/coroutine.h"

namespace weir::net {
namespace asio = boost::asio;

namespace {

// Where a coroutine sleeps while its job runs elsewhere. Touched on the coroutine's executor only.
struct Sleeper {
  explicit Sleeper(const asio::any_io_executor& executor) : timer(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer timer;
  bool done = false;
};

}  // namespace

struct BlockingPool::State {
  explicit State(std::size_t limit) : queue_limit(limit) {}

  const std::size_t queue_limit;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void()>> queue;
  bool stopping = false;
  std::vector<std::thread> threads;

  bool push(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex);
      if (stopping || queue.size() >= queue_limit) return false;
      queue.push_back(std::move(job));
    }
    wake.notify_one();
    return true;
  }

  void serve() {
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [this] { return stopping || !queue.empty(); });
      if (stopping) return;
      auto job = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      job();
      job = nullptr;  // what it owns dies here and not under the lock
      lock.lock();
    }
  }
};

BlockingPool::BlockingPool(unsigned threads, std::size_t queue_limit) : state_(std::make_unique<State>(queue_limit)) {
  for (unsigned i = 0; i < threads; ++i) state_->threads.emplace_back([state = state_.get()] { state->serve(); });
}

BlockingPool::~BlockingPool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  for (std::thread& thread : state_->threads) thread.join();
}

bool BlockingPool::post(std::function<void()> job) { return state_->push(std::move(job)); }

Task<bool> BlockingPool::run_erased(std::function<void()> job) {
  if (co_await stop_requested()) co_return false;
  const auto executor = co_await asio::this_coro::executor;
  auto sleeper = std::make_shared<Sleeper>(executor);
  // The guard keeps the caller's loop alive until the answer is posted to it.
  auto guard = asio::make_work_guard(executor);
  // The sleeper moves along, so that its timer never dies on a thread of the pool.
  const bool queued = state_->push([job = std::move(job), sleeper, guard]() mutable {
    job();
    asio::post(guard.get_executor(), [sleeper = std::move(sleeper)] {
      sleeper->done = true;
      sleeper->timer.cancel();
    });
  });
  if (!queued) co_return false;
  while (!sleeper->done) {
    (void)co_await sleeper->timer.async_wait(use_ec);
    if (!sleeper->done && co_await stop_requested()) co_return false;
  }
  co_return true;
}

}  // namespace weir::net
