#pragma once

#include <functional>
#include <vector>

#include "base/ids.h"
#include "hub/request.h"

namespace weir::hub {

// What happened to a session, told to whoever observes the worker: hooks, statistics, recording. The references hold
// for the call alone.
struct Event {
  enum class Kind : std::uint8_t { connect, close, publish, unpublish, play, stop };
  Kind kind;
  base::SessionId id;
  const Request& request;
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
};

// Per worker. Observers are added in main before the workers start and live as long as the bus.
class EventBus {
 public:
  using Observer = std::function<void(const Event&)>;
  void observe(Observer observer) { observers_.push_back(std::move(observer)); }
  void emit(const Event& event) const {
    for (const auto& observer : observers_) observer(event);
  }

 private:
  std::vector<Observer> observers_;
};

}  // namespace weir::hub
