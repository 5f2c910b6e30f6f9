#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "app/stats/proc.h"
#include "config/server.h"

namespace weir::stats {

// The machine and the process as they were at the last sample. Rates are over the three seconds before it.
struct SystemSample {
  std::int64_t time_ms = 0;  // of the sample, since 1970; 0: none was taken

  CpuTimes cpu;
  double cpu_part = 0;  // 0..1 of all cores
  ProcessStat self;
  double self_cpu_part = 0;  // 1 is one whole core
  Memory memory;
  std::int64_t disk_read_kbps = 0, disk_write_kbps = 0;  // KiB a second
  double disk_busy_part = 0;
  std::int64_t public_received = 0, public_sent = 0;    // bytes of interfaces with a public address
  std::int64_t private_received = 0, private_sent = 0;  // of the others; loopback is left out
  Sockets sockets;
  std::array<double, 3> load{};
  double uptime_seconds = 0, idle_seconds = 0;
  int cpus = 0, cpus_online = 0;
};

// Takes the samples. Lives on the first worker.
class SystemSampler {
 public:
  using ReadFile = std::function<std::string(const std::string& path)>;

  explicit SystemSampler(ReadFile read = read_small_file) : read_(std::move(read)) {}
  // Every three seconds. Reads about nine small files.
  void sample(const config::Stats& settings, std::chrono::steady_clock::time_point now);
  const SystemSample& latest() const { return latest_; }

 private:
  void sample_disks(const config::Stats& settings, double seconds);
  void sample_interfaces();

  ReadFile read_;
  SystemSample latest_;
  DiskTimes disks_;
  std::chrono::steady_clock::time_point at_{};
};

// Numeric, not of a private, local or documentation range: RFC 1918, 6598, 3927, 4193, 4291.
bool is_public_address(const std::string& address);

}  // namespace weir::stats
