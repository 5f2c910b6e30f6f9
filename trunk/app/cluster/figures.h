#pragma once

#include <atomic>
#include <cstdint>

namespace weir::cluster {

// What came of asking other servers. Of the process; counted on any worker.
struct Figures {
  std::atomic<std::uint64_t> asked{0};            // coworkers, one by one
  std::atomic<std::uint64_t> unanswered{0};       // of these: unreachable, or silent for too long
  std::atomic<std::uint64_t> malformed{0};        // of these: their answers could not be read
  std::atomic<std::uint64_t> redirected{0};       // players
  std::atomic<std::uint64_t> not_found{0};        // players of streams that no coworker has
  std::atomic<std::uint64_t> loops{0};            // requests that had been here before
  std::atomic<std::uint64_t> tokens_passed{0};    // clients that an origin let in
  std::atomic<std::uint64_t> tokens_refused{0};   // and refused
  std::atomic<std::uint64_t> tokens_unjudged{0};  // refused because no origin could be asked
};

}  // namespace weir::cluster
