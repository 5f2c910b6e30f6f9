#pragma once

#include <atomic>
#include <cstdint>

namespace weir::registry {

// What came of asking the registry. Of the process; written on the first worker, read on any.
struct Figures {
  std::atomic<bool> connected{false};
  std::atomic<std::uint64_t> connects{0}, failures{0};   // connections made; lost or not made
  std::atomic<std::uint64_t> asked{0}, failed{0};        // questions, and of these: refused or garbled
  std::atomic<std::uint64_t> answer_us{0}, answers{0};   // time that answers took, together
  std::atomic<std::uint64_t> granted{0}, presumed{0};    // claims; the latter while the registry was gone
  std::atomic<std::uint64_t> denied{0}, denied_gone{0};  // held by another server; or the registry was gone
  std::atomic<std::uint64_t> evicted{0};                 // publishers who lost their stream to another server
  std::atomic<std::uint64_t> found{0}, absent{0}, presumed_found{0};  // streams that were looked for
  std::atomic<std::uint64_t> moved{0};                                // pulls that went on from another server
  std::atomic<std::uint64_t> balanced{0};                             // viewers who were told where to go
  std::atomic<std::uint64_t> claims{0}, followed{0}, nodes{0};        // now
};

}  // namespace weir::registry
