#pragma once

#include <atomic>
#include <thread>
#include <unordered_map>
#include <vector>

#include "net/worker.h"

namespace weir::net {

// What libsrt says about a socket, on the socket's worker. Told once for each change: whoever is told reads or writes
// until that would block.
class SrtWatched {
 public:
  struct Ready {
    bool in = false, out = false;
    bool failed = false;  // it is over: the peer closed or vanished
  };
  virtual void ready(Ready what) = 0;

 protected:
  ~SrtWatched() = default;
};

// Brings the readiness of libsrt's sockets to one worker: libsrt has no descriptors that an event loop could wait for,
// so a thread waits in its epoll and posts what it hears, one batch at a time. The worker never waits; what is told
// late since the worker is busy is told in fewer pieces. Owned by the worker's shard; ends after the worker stopped.
class SrtPoller {
 public:
  explicit SrtPoller(Worker& worker);
  ~SrtPoller();
  SrtPoller(const SrtPoller&) = delete;
  SrtPoller& operator=(const SrtPoller&) = delete;

  Worker& worker() const { return worker_; }
  // From now on `watched` is told, until forget(). On the worker.
  void watch(int socket, SrtWatched& watched);
  void forget(int socket);

 private:
  struct Event {
    int socket;
    unsigned events;
  };
  enum class Batch : int { none, on_its_way, over };
  void run(const std::stop_token& stop);
  void hand_out(const std::vector<Event>& events);

  // given
  Worker& worker_;

  // owned
  int epoll_;
  std::unordered_map<int, SrtWatched*> watched_;

  // state
  std::atomic<Batch> batch_{Batch::none};
  std::jthread thread_;
};

}  // namespace weir::net
