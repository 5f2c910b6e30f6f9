#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "net/worker.h"

namespace weir::net {

// All workers of the process.
class WorkerPool {
 public:
  WorkerPool(std::size_t count, log::Logger* logger);

  std::size_t size() const { return workers_.size(); }
  Worker& operator[](std::size_t index) { return *workers_[index]; }
  Worker& at(base::WorkerIndex index) { return *workers_[static_cast<std::size_t>(index)]; }
  void start();
  void stop();

  // Runs `work(worker)` on every worker, and then `done(results)` on `home`, results in order of the workers. No locks:
  // the results travel home by message.
  template <class T>
  void gather(Worker& home, std::function<T(Worker&)> work, std::function<void(std::vector<T>)> done) {
    struct Pending {
      std::vector<T> results;
      std::size_t left;
      std::function<void(std::vector<T>)> done;
    };
    auto pending = std::make_shared<Pending>(Pending{std::vector<T>(size()), size(), std::move(done)});
    for (const auto& worker : workers_) {
      Worker* one = worker.get();
      one->post([one, &home, pending, work] {
        auto result = std::make_shared<T>(work(*one));
        home.post([one, pending, result] {
          pending->results[static_cast<std::size_t>(one->index())] = std::move(*result);
          if (--pending->left == 0) pending->done(std::move(pending->results));
        });
      });
    }
  }

 private:
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace weir::net
