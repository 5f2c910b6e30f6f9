#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/log_limit.h"
#include "base/result.h"
#include "hub/hub.h"

namespace weir::snapshot {

// Of all workers. Any thread.
struct Figures {
  std::atomic<std::uint64_t> made{0}, failed{0}, refused{0}, from_cache{0};
};

// Pictures of the streams whose home this worker is: one program at a time, those that wait in a row, and each picture
// given out for as long as snapshot.cache says. Made before the worker starts, then used on it.
class Service {
 public:
  static constexpr std::size_t most_jobs = 8;       // with the one that runs
  static constexpr std::size_t most_waiters = 256;  // of one picture
  static constexpr std::size_t most_kept = 64;      // pictures
  static constexpr std::size_t most_kept_bytes = 32u << 20;

  Service(hub::Hub& hub, Figures& figures) : hub_(hub), figures_(figures) {}
  Service(const Service&) = delete;

  // `then` is called once, on this worker, perhaps at once. Errc.
  using Then = std::function<void(base::Result<base::SharedBytes>)>;
  void want(const base::StreamKey& key, Then then);

 private:
  using Clock = std::chrono::steady_clock;
  struct Job {
    base::StreamKey key;
    std::shared_ptr<const config::Vhost> vhost;
    base::SharedBytes film;
    std::vector<Then> waiters{};
  };
  struct Kept {
    base::Result<base::SharedBytes> picture;  // or why there is none
    Clock::time_point until;
  };
  net::Task<void> run(net::Life& life);
  void keep(const Job& job, const base::Result<base::SharedBytes>& picture);

  // given
  hub::Hub& hub_;
  Figures& figures_;

  // state
  std::list<Job> jobs_;  // the first one runs
  std::unordered_map<base::StreamKey, Kept> kept_;
  std::size_t kept_bytes_ = 0;
  log::Limit failures_;
};

}  // namespace weir::snapshot
