#pragma once

#include "hub/event.h"
#include "hub/registry.h"

namespace weir::hub {

// Tells that a session is asked for, and that it was refused unless it was admitted.
class Arrival {
 public:
  Arrival(EventBus& events, const Record& record) : events_(events), record_(record) { tell(Event::Kind::arrive); }
  ~Arrival() {
    if (!admitted_) tell(Event::Kind::refuse);
  }
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;
  void admitted() { admitted_ = true; }

 private:
  void tell(Event::Kind kind) {
    events_.emit({kind, record_.id, record_.request, record_.received_bytes(), record_.sent_bytes()});
  }

  EventBus& events_;
  const Record& record_;
  bool admitted_ = false;
};

}  // namespace weir::hub
