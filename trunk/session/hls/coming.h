#pragma once

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <unordered_map>

#include "base/error.h"
#include "base/ids.h"
#include "net/notifier.h"
#include "net/task.h"
#include "net/timer_wheel.h"

namespace weir::net {
class Worker;
}

namespace weir::session::hls {

class Hope;

// Requests for playlists of streams that are on their way here. Lives on its worker.
class Coming {
 public:
  // A listing of the stream changed.
  void came(const base::StreamKey& key);
  void cannot_come(const base::StreamKey& key, base::ErrorCode why);
  // Names that are waited for.
  std::size_t size() const { return hopes_.size(); }

 private:
  friend class Hope;
  using Hopes = boost::intrusive::list<Hope, boost::intrusive::constant_time_size<false>>;
  std::unordered_map<base::StreamKey, Hopes> hopes_;
};

// One such request, in its handler's coroutine.
class Hope : public boost::intrusive::list_base_hook<> {
 public:
  Hope(Coming& coming, const base::StreamKey& key, net::Worker& worker, std::chrono::milliseconds limit);
  ~Hope();
  Hope(const Hope&) = delete;

  // Returns when there is news. False: it cannot come (absence()), the time is over, or the session was stopped.
  net::Task<bool> wait();
  base::ErrorCode absence() const { return absence_; }

 private:
  friend class Coming;
  // given
  Coming& coming_;
  base::StreamKey key_;

  // owned
  net::Notifier wake_;
  net::TimerWheel::Timer timer_;

  // state
  base::ErrorCode absence_;
  bool over_ = false;
};

}  // namespace weir::session::hls
