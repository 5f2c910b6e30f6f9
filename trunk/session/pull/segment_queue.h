#pragma once

#include <deque>
#include <memory>

#include "base/bytes.h"
#include "net/notifier.h"

namespace weir::session::pull {

// A segment on its way from the network to the stream.
struct LoadedSegment {
  base::Buffer bytes;                         // decrypted
  std::shared_ptr<const base::Buffer> map{};  // its initialization section; null: MPEG-TS
  bool discontinuity = false;                 // before it
};

// Between the task that loads and the one that gives on, of one worker: a few, so that one is loaded while another is
// played.
class SegmentQueue {
 public:
  static constexpr std::size_t most = 2;
  static constexpr std::size_t most_bytes = 32u << 20;  // beyond it one alone

  explicit SegmentQueue(boost::asio::io_context& io) : room_(io), filled_(io) {}

  net::Task<base::Result<void>> push(LoadedSegment segment) {
    bytes_ += segment.bytes.size();
    queue_.push_back(std::move(segment));
    filled_.notify();
    return wait_for_room();
  }
  net::Task<base::Result<LoadedSegment>> pop() {
    while (queue_.empty()) CO_TRY_VOID(co_await filled_.wait());
    LoadedSegment segment = std::move(queue_.front());
    queue_.pop_front();
    bytes_ -= segment.bytes.size();
    room_.notify();
    co_return segment;
  }

 private:
  net::Task<base::Result<void>> wait_for_room() {
    while (queue_.size() >= most || (bytes_ > most_bytes && !queue_.empty())) CO_TRY_VOID(co_await room_.wait());
    co_return base::Result<void>();
  }

  net::Notifier room_, filled_;
  std::deque<LoadedSegment> queue_;
  std::size_t bytes_ = 0;
};

}  // namespace weir::session::pull
