#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"

namespace weir::bench {

// A plain epoll loop for the load side: one thread, raw sockets, one large buffer shared by all connections. A
// measuring tool has to cost less than what it measures, so there is no coroutine and no allocation per connection and
// event here.
class Loop {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void readable() = 0;
    virtual void writable() = 0;
  };

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void add(int fd, Handler& handler, bool want_write);
  void change(int fd, Handler& handler, bool want_write);
  // Also forgets events of this turn that were not handed out yet.
  void remove(int fd, Handler& handler);

  // Hands out what is ready; if nothing is, waits until `until` at the latest.
  void turn(base::Instant until);

  // Scratch memory for reads, valid until the handler returns.
  base::MutableBytes buffer() { return {buffer_.data(), buffer_.size()}; }

 private:
  int poller_ = -1;
  std::vector<epoll_event> events_;
  std::size_t handed_out_ = 0, ready_ = 0;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace weir::bench
