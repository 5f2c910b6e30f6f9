#include "app/stats/system_sampler.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>

#include "base/wall_time.h"
#include "config/endpoint.h"

namespace weir::stats {

namespace {

std::string numeric(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address->sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  } else if (address->sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text, sizeof text);
  }
  return text;
}

std::set<std::string> public_interfaces() {
  std::set<std::string> names;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return names;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(list, &freeifaddrs);
  for (const ifaddrs* one = list; one; one = one->ifa_next) {
    if (!one->ifa_addr || (one->ifa_flags & IFF_LOOPBACK)) continue;
    const std::string address = numeric(one->ifa_addr);
    if (!address.empty() && is_public_address(address)) names.insert(one->ifa_name);
  }
  return names;
}

double part_of(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? std::clamp(static_cast<double>(part) / static_cast<double>(whole), 0.0, 1.0) : 0.0;
}

}  // namespace

bool is_public_address(const std::string& address) {
  for (const char* block :
       {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.2.0/24",
        "192.168.0.0/16", "::/128", "::1/128", "fc00::/7", "fe80::/10"}) {
    const auto range = config::AddressRange::parse(block);
    if (range && range->contains(address)) return false;
  }
  return !address.empty();
}

void SystemSampler::sample(const config::Stats& settings, std::chrono::steady_clock::time_point now) {
  if (!settings.enabled) {
    latest_ = {};
    return;
  }
  const bool first = latest_.time_ms == 0;
  const double seconds = first ? 0 : std::chrono::duration<double>(now - at_).count();
  const CpuTimes cpu_before = latest_.cpu;
  const std::int64_t self_before = latest_.self.ticks();

  at_ = now;
  latest_.time_ms = base::wall_time_ms();
  latest_.cpu = parse_cpu_times(read_("/proc/stat"));
  latest_.self = parse_process_stat(read_("/proc/self/stat"));
  if (seconds > 0) {
    const std::int64_t all = latest_.cpu.total() - cpu_before.total();
    const std::int64_t idle = latest_.cpu.idle + latest_.cpu.iowait - cpu_before.idle - cpu_before.iowait;
    latest_.cpu_part = part_of(all - idle, all);
    const double ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
    latest_.self_cpu_part = static_cast<double>(latest_.self.ticks() - self_before) / ticks_per_second / seconds;
  }
  latest_.memory = parse_memory(read_("/proc/meminfo"));
  latest_.sockets =
      parse_sockets(read_("/proc/net/sockstat") + "\n" + read_("/proc/net/sockstat6") + "\n" + read_("/proc/net/snmp"));
  latest_.load = parse_load(read_("/proc/loadavg"));
  std::tie(latest_.uptime_seconds, latest_.idle_seconds) = parse_uptime(read_("/proc/uptime"));
  latest_.cpus = static_cast<int>(sysconf(_SC_NPROCESSORS_CONF));
  latest_.cpus_online = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  sample_disks(settings, seconds);
  sample_interfaces();
}

void SystemSampler::sample_disks(const config::Stats& settings, double seconds) {
  if (settings.disk.empty()) return;
  const DiskTimes before = disks_;
  disks_ = parse_disks(read_("/proc/diskstats"), settings.disk);
  if (seconds <= 0) return;
  constexpr double sector_kib = 0.5;
  const auto rate = [&](std::int64_t sectors) {
    return static_cast<std::int64_t>(static_cast<double>(sectors) * sector_kib / seconds);
  };
  latest_.disk_read_kbps = rate(disks_.sectors_read - before.sectors_read);
  latest_.disk_write_kbps = rate(disks_.sectors_written - before.sectors_written);
  latest_.disk_busy_part = static_cast<double>(disks_.busy_ms - before.busy_ms) / 1000.0 / seconds;
}

void SystemSampler::sample_interfaces() {
  const std::set<std::string> open = public_interfaces();
  latest_.public_received = latest_.public_sent = latest_.private_received = latest_.private_sent = 0;
  for (const InterfaceBytes& one : parse_interfaces(read_("/proc/net/dev"))) {
    if (one.name == "lo") continue;
    const bool is_public = open.contains(one.name);
    (is_public ? latest_.public_received : latest_.private_received) += one.received;
    (is_public ? latest_.public_sent : latest_.private_sent) += one.sent;
  }
}

}  // namespace weir::stats
