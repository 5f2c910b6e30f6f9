#include "app/api/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/version.h"

namespace weir::api {

namespace {

// Of /proc/self/stat, behind the parent's id (proc(5)).
constexpr std::size_t threads = 16, start_time = 18, virtual_size = 19;

}  // namespace

std::optional<std::size_t> count_descriptors() {
  std::error_code failure;
  std::size_t count = 0;
  std::filesystem::directory_iterator at("/proc/self/fd", failure);
  for (const std::filesystem::directory_iterator end; !failure && at != end; at.increment(failure)) ++count;
  if (failure || count == 0) return std::nullopt;
  return count - 1;  // without that of the look itself
}

void write_process(Exposition& out, const stats::SystemSample& system, std::optional<std::size_t> descriptors,
                   std::string_view revision) {
  out.metric("weir_build_info", "gauge", "Which version this is; the value is always 1.");
  out.sample(std::uint64_t{1}, {{"version", base::version}, {"revision", revision}});

  const double hertz = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto bytes = [](std::int64_t count) { return static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0)); };
  out.metric("process_cpu_seconds_total", "counter", "Processor time of this process.");
  out.sample(static_cast<double>(system.self.ticks()) / hertz);
  out.metric("process_resident_memory_bytes", "gauge", "Resident memory of this process.");
  out.sample(bytes(system.self.resident_pages() * ::sysconf(_SC_PAGESIZE)));
  out.metric("process_virtual_memory_bytes", "gauge", "Addresses that this process has mapped.");
  out.sample(bytes(system.self.number(virtual_size)));
  out.metric("process_start_time_seconds", "gauge", "When this process began, since 1970.");
  out.sample(static_cast<double>(system.time_ms) / 1000 - system.uptime_seconds +
             static_cast<double>(system.self.number(start_time)) / hertz);
  out.metric("process_threads", "gauge", "Threads of this process.");
  out.sample(bytes(system.self.number(threads)));
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) == 0) {
    out.metric("process_virtual_memory_max_bytes", "gauge", "How many it may map; -1: no limit.");
    out.sample(limit.rlim_cur == RLIM_INFINITY ? -1.0 : static_cast<double>(limit.rlim_cur));
  }
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    out.metric("process_max_fds", "gauge", "How many descriptors it may have open.");
    out.sample(std::uint64_t{limit.rlim_cur});
  }
  if (descriptors) {
    out.metric("process_open_fds", "gauge", "How many descriptors it has open.");
    out.sample(std::uint64_t{*descriptors});
  }
}

}  // namespace weir::api
