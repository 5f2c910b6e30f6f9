#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// Reads the texts of /proc (proc(5)). A text that is cut short or unknown gives zeros.
namespace weir::stats {

// /proc/stat, first line, in clock ticks.
struct CpuTimes {
  std::int64_t user = 0, nice = 0, sys = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0, guest = 0;
  std::int64_t total() const { return user + nice + sys + idle + iowait + irq + softirq + steal; }
  bool operator==(const CpuTimes&) const = default;
};
CpuTimes parse_cpu_times(std::string_view text);

// /proc/self/stat: the name and state apart, and every number from ppid on in its order.
struct ProcessStat {
  std::int64_t pid = 0;
  std::string comm, state;
  std::vector<std::int64_t> numbers;  // [0] is ppid

  std::int64_t number(std::size_t index) const { return index < numbers.size() ? numbers[index] : 0; }
  std::int64_t ticks() const { return number(10) + number(11); }  // utime, stime
  std::int64_t resident_pages() const { return number(20); }
};
ProcessStat parse_process_stat(std::string_view text);

// /proc/meminfo, in kB.
struct Memory {
  std::int64_t total = 0, free = 0, active = 0, buffers = 0, cached = 0, swap_total = 0, swap_free = 0;
  std::int64_t in_use() const { return total - free - buffers - cached; }
  double ram_part() const { return total > 0 ? static_cast<double>(in_use()) / static_cast<double>(total) : 0; }
  double swap_part() const {
    return swap_total > 0 ? static_cast<double>(swap_total - swap_free) / static_cast<double>(swap_total) : 0;
  }
};
Memory parse_memory(std::string_view text);

struct InterfaceBytes {
  std::string name;
  std::int64_t received = 0, sent = 0;
};
std::vector<InterfaceBytes> parse_interfaces(std::string_view text);  // /proc/net/dev

struct DiskTimes {
  std::int64_t sectors_read = 0, sectors_written = 0, busy_ms = 0;
};
DiskTimes parse_disks(std::string_view text, const std::vector<std::string>& names);  // /proc/diskstats, summed

// Of /proc/net/sockstat, sockstat6 and snmp, one behind the other.
struct Sockets {
  std::int64_t tcp = 0, established = 0, time_wait = 0, udp = 0;
};
Sockets parse_sockets(std::string_view text);

std::array<double, 3> parse_load(std::string_view text);        // /proc/loadavg
std::pair<double, double> parse_uptime(std::string_view text);  // seconds up, seconds idle over all cores

// The whole of a small file; empty if it cannot be read.
std::string read_small_file(const std::string& path);

}  // namespace weir::stats
