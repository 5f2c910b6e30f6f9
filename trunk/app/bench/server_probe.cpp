#include "app/bench/server_probe.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace weir::bench {

ProcessFacts probe_process(int pid) {
  namespace fs = std::filesystem;
  ProcessFacts facts;
  const fs::path root = fs::path("/proc") / (pid == 0 ? std::string("self") : std::to_string(pid));
  std::error_code fault;
  for (const auto& task : fs::directory_iterator(root / "task", fault)) {
    std::ifstream file(task.path() / "schedstat");
    std::uint64_t on_cpu_ns = 0;
    if (file >> on_cpu_ns) facts.cpu_seconds += static_cast<double>(on_cpu_ns) / 1e9;
    ++facts.threads;
  }
  std::ifstream memory(root / "statm");
  std::uint64_t total_pages = 0, resident_pages = 0;
  if (memory >> total_pages >> resident_pages) {
    facts.resident_bytes = resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  }
  for (const auto& entry : fs::directory_iterator(root / "fd", fault)) {
    static_cast<void>(entry);
    ++facts.descriptors;
  }
  return facts;
}

double busy_seconds() {
  std::ifstream file("/proc/stat");
  std::string name;
  std::uint64_t ticks[8] = {};  // user, nice, system, idle, iowait, irq, softirq, steal
  file >> name;
  for (std::uint64_t& field : ticks) file >> field;
  const std::uint64_t busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7];
  return static_cast<double>(busy) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace weir::bench
