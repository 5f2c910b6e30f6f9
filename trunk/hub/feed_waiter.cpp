#include "hub/feed_waiter.h"

#include "hub/feed.h"
#include "net/worker.h"

namespace weir::hub {

FeedWaiter::FeedWaiter(net::Worker& worker, std::chrono::milliseconds limit)
    : wake_(worker.io()), timer_([this] {
        over_ = true;
        wake_.notify();
      }) {
  worker.wheel().arm(timer_, limit);
}

net::Task<void> FeedWaiter::wait(Feed& feed) {
  feed.await(*this);
  while (!feed.live() && !feed.absence() && !over_) {
    if (!co_await wake_.wait()) co_return;
  }
}

}  // namespace weir::hub
