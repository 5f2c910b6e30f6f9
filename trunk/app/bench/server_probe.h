#pragma once

#include <cstdint>

namespace weir::bench {

// What the kernel says about a process, all of its threads together. Zero where it says nothing.
struct ProcessFacts {
  double cpu_seconds = 0;  // on a core, by the scheduler's nanoseconds
  std::uint64_t resident_bytes = 0;
  std::uint32_t threads = 0;
  std::uint32_t descriptors = 0;
};

ProcessFacts probe_process(int pid);  // 0: this process

// CPU seconds that all cores of the machine together have been busy, to see what else ran beside a measurement.
double busy_seconds();

}  // namespace weir::bench
