#pragma once

#include <atomic>
#include <cstdint>

namespace weir::proxy {

// What came of the headers of the process. Touched once a connection, by all workers.
struct Figures {
  std::atomic<std::uint64_t> relayed{0};  // told of a client
  std::atomic<std::uint64_t> own{0};      // the load balancer's own connections
  std::atomic<std::uint64_t> refused{0};  // broken, late or cut off
};

}  // namespace weir::proxy
