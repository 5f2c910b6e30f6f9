#pragma once

#include <boost/intrusive/list.hpp>

#include <chrono>

#include "net/notifier.h"
#include "net/task.h"
#include "net/timer_wheel.h"

namespace weir::net {
class Worker;
}

namespace weir::hub {

class Feed;

// A coroutine that waits for word of a feed: that it is live, or why it will not be. On the feed's worker.
class FeedWaiter : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  FeedWaiter(net::Worker& worker, std::chrono::milliseconds limit);
  // Returns when there is word, when the time is over or when the session was told to stop; the feed says which.
  net::Task<void> wait(Feed& feed);

 private:
  friend class Feed;
  net::Notifier wake_;
  bool over_ = false;
  net::TimerWheel::Timer timer_;
};

}  // namespace weir::hub
