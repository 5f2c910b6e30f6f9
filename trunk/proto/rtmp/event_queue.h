#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace weir::rtmp {

// What a machine has to tell. As long as what one input gave, since it is emptied after each.
template <class Event>
class EventQueue {
 public:
  template <class E>
  void push(E&& event) {
    events_.emplace_back(std::forward<E>(event));
  }
  std::optional<Event> pop() {
    if (next_ == events_.size()) {
      next_ = 0;
      // A burst does not hold its memory for the life of the connection.
      if (events_.capacity() > kept) {
        std::vector<Event>().swap(events_);
      } else {
        events_.clear();
      }
      return std::nullopt;
    }
    return std::optional<Event>(std::move(events_[next_++]));
  }
  bool empty() const { return next_ == events_.size(); }

 private:
  static constexpr std::size_t kept = 64;
  std::vector<Event> events_;
  std::size_t next_ = 0;
};

}  // namespace weir::rtmp
