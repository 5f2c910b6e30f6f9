#include "net/worker_pool.h"

namespace weir::net {

WorkerPool::WorkerPool(std::size_t count, log::Logger* logger) {
  for (std::size_t i = 0; i < count; ++i) {
    workers_.push_back(std::make_unique<Worker>(static_cast<base::WorkerIndex>(i), logger));
  }
}

void WorkerPool::start() {
  for (const auto& worker : workers_) worker->start();
}

void WorkerPool::stop() {
  for (const auto& worker : workers_) worker->stop();
}

}  // namespace weir::net
