#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "app/events/places.h"
#include "base/bytes.h"
#include "net/notifier.h"

namespace weir::events {

// Counters of the whole process. Any thread.
struct Figures {
  std::atomic<std::uint32_t> listeners{0};
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};    // there were too many
  std::atomic<std::uint64_t> displaced{0};  // made room for one of another address
  std::atomic<std::uint64_t> slow{0};       // cut off because they did not read
};

// What waits for one connection. On its worker; the connection's frame owns it, messages know it weakly.
class Listener {
 public:
  static constexpr std::size_t most_events = 1024, most_bytes = 512 * 1024;

  Listener(boost::asio::io_context& io, Figures& figures, std::atomic<std::uint32_t>& of_worker);
  ~Listener();
  Listener(const Listener&) = delete;

  // False, once and for all, when more waits than is allowed. Then `on_overflow` has been called.
  bool push(const base::SharedBytes& bytes);
  // The connection is to say good-bye.
  void end();
  std::vector<base::SharedBytes> take();
  void wake() { wake_.notify(); }
  // Until there is something to do. Errc::stopped.
  net::Task<base::Result<void>> wait() { return wake_.wait(); }
  bool ended() const { return ended_; }
  bool overflowed() const { return overflowed_; }
  std::size_t waiting() const { return queue_.size(); }
  std::function<void()> on_overflow;
  // Its place among those who may listen.
  void sit(std::unique_ptr<Places::Place> place) { place_ = std::move(place); }

 private:
  // given
  Figures& figures_;
  std::atomic<std::uint32_t>& of_worker_;

  // owned
  std::unique_ptr<Places::Place> place_;
  net::Notifier wake_;
  std::vector<base::SharedBytes> queue_;

  // state
  std::size_t bytes_ = 0;
  bool ended_ = false;
  bool overflowed_ = false;
};

}  // namespace weir::events
