#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/clock.h"

namespace weir::session::gb28181 {

// When the 2xx to an INVITE that came to us is said again, since a datagram may be lost: RFC 3261 13.3.1.4.
class AnswerAgain {
 public:
  static constexpr std::chrono::seconds limit{32};  // 64 T1
  enum class Due { nothing, again, given_up };

  void begin(base::Instant now, bool reliable) {
    waiting_ = true;
    reliable_ = reliable;
    again_ = now + pause_;
    give_up_ = now + limit;
  }
  // False: nobody waits for it.
  bool acknowledge() { return std::exchange(waiting_, false); }
  Due look(base::Instant now) {
    if (!waiting_) return Due::nothing;
    if (give_up_ <= now) return Due::given_up;
    if (reliable_ || again_ > now) return Due::nothing;
    pause_ = std::min<base::Millis>(pause_ * 2, base::Millis(4'000));  // T2
    again_ = now + pause_;
    return Due::again;
  }

 private:
  bool waiting_ = false, reliable_ = false;
  base::Instant again_{}, give_up_{};
  base::Millis pause_{500};  // T1
};

}  // namespace weir::session::gb28181
