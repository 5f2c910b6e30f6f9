#include "net/rist/library.h"

#include <utility>

namespace weir::net {

bool RistLibrary::is_there() {
#ifdef WEIR_HAS_RIST
  return true;
#else
  return false;
#endif
}

RistLibrary::~RistLibrary() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool RistLibrary::take(const std::string& place) {
  const std::lock_guard lock(mutex_);
  return taken_.insert(place).second;
}

void RistLibrary::give_back(const std::string& place) {
  const std::lock_guard lock(mutex_);
  taken_.erase(place);
}

void RistLibrary::retire(std::function<void()> down) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(down));
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  wake_.notify_one();
}

void RistLibrary::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return over_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const auto all = std::exchange(waiting_, {});
    lock.unlock();
    for (const auto& down : all) {
      const std::lock_guard alone(alone_);
      down();
    }
    lock.lock();
  }
}

}  // namespace weir::net
