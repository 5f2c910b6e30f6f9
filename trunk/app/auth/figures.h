#pragma once

#include <atomic>
#include <cstdint>

namespace weir::auth {

// Whom the rules turned away, for /metrics. Of the whole process: touched when a session is refused, or keys are
// fetched. Any thread.
struct Figures {
  using Count = std::atomic<std::uint64_t>;
  Count by_limit{0}, by_address{0}, by_refer{0}, by_token{0};
  Count kicked_idle{0}, kicked_bitrate{0};
  Count key_sets_fetched{0}, key_sets_failed{0};
};

}  // namespace weir::auth
