#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "net/notifier.h"
#include "net/worker_pool.h"

// Questions from one worker to others, as something to await. Answers travel by message; what must not be shared is
// copied into the result. A session that is stopped meanwhile gets net::Errc::stopped, and the answer is dropped.
namespace weir::stats {

// Owned by the frame of whoever asks. Messages know it weakly: a message may outlive the asker's worker.
template <class T>
struct Pending {
  explicit Pending(net::Worker& home) : ready(home.io()) {}
  net::Notifier ready;
  std::optional<T> value;
};

template <class T>
net::Task<base::Result<T>> await_answer(std::shared_ptr<Pending<T>> pending) {
  while (!pending->value) CO_TRY_VOID(co_await pending->ready.wait());
  co_return *std::move(pending->value);
}

// What `work` returns on `target`; runs it at once if that is where we are.
template <class T>
net::Task<base::Result<T>> ask(net::Worker& home, net::Worker& target, std::function<T()> work) {
  if (&home == &target) co_return work();
  auto pending = std::make_shared<Pending<T>>(home);
  target.post([&home, weak = std::weak_ptr<Pending<T>>(pending), work = std::move(work)] {
    auto result = std::make_shared<T>(work());
    home.post([weak, result] {
      const auto asker = weak.lock();
      if (!asker) return;
      asker->value = std::move(*result);
      asker->ready.notify();
    });
  });
  co_return co_await await_answer(std::move(pending));
}

// What is told later: `begin` is called on `target` with a function that takes the answer, there.
template <class T, class Begin>
net::Task<base::Result<T>> ask_later(net::Worker& home, net::Worker& target, Begin begin) {
  auto pending = std::make_shared<Pending<T>>(home);
  target.post([&home, weak = std::weak_ptr<Pending<T>>(pending), begin = std::move(begin)] {
    begin([&home, weak](const T& answer) {
      home.post([weak, answer] {
        const auto asker = weak.lock();
        if (!asker) return;
        asker->value = answer;
        asker->ready.notify();
      });
    });
  });
  co_return co_await await_answer(std::move(pending));
}

// What `work(worker)` returns on every worker, in their order.
template <class T>
net::Task<base::Result<std::vector<T>>> ask_all(net::WorkerPool& pool, net::Worker& home,
                                                std::function<T(net::Worker&)> work) {
  using Results = std::vector<T>;
  auto pending = std::make_shared<Pending<Results>>(home);
  pool.gather<T>(home, std::move(work), [weak = std::weak_ptr<Pending<Results>>(pending)](Results results) {
    const auto asker = weak.lock();
    if (!asker) return;
    asker->value = std::move(results);
    asker->ready.notify();
  });
  co_return co_await await_answer(std::move(pending));
}

}  // namespace weir::stats
