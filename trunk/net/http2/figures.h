#pragma once

#include <atomic>
#include <cstdint>

namespace weir::http2 {

// Of the whole process, for /metrics: touched once a connection or a request. Any worker.
struct Figures {
  using Count = std::atomic<std::uint64_t>;
  Count connections{0};  // ever
  Count requests{0};     // ever
  Count refused{0};      // requests beyond the limit of streams
  Count ended{0};        // connections that were ended since their peer broke the rules or flooded us
};

}  // namespace weir::http2
