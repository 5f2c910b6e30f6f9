#include "app/stats/proc.h"

#include "app/stats/system_sampler.h"
#include "support/catch.h"

namespace weir::test::proc_test {

using namespace weir::stats;

TEST_CASE("/proc/self/stat: a name with blanks and parentheses", "[stats]") {
  const ProcessStat stat = parse_process_stat(
      "4242 (we ) ir (x) S 1 2 3 4 5 6 7 8 9 10 200 100 13 14 20 0 8 17 18446744073709551615 19 2048 21\n");
  CHECK(stat.pid == 4242);
  CHECK(stat.comm == "we ) ir (x");
  CHECK(stat.state == "S");
  CHECK(stat.number(0) == 1);
  CHECK(stat.ticks() == 300);
  CHECK(stat.resident_pages() == 2048);
  CHECK(stat.number(99) == 0);
  for (const char* bad : {"", "1", "1 (", ") (", "1 (x)"}) CHECK(parse_process_stat(bad).ticks() == 0);
}

TEST_CASE("/proc/stat, meminfo, loadavg and uptime", "[stats]") {
  CHECK(parse_cpu_times("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1\n") == CpuTimes{1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(parse_cpu_times("garbage") == CpuTimes{});
  const Memory memory = parse_memory(
      "MemTotal:       1000 kB\nMemFree:         200 kB\nBuffers:          50 kB\nCached:          150 kB\n"
      "SwapCached:        9 kB\nActive:          300 kB\nActive(anon):      9 kB\nSwapTotal:       400 kB\n"
      "SwapFree:        300 kB\n");
  CHECK(memory.in_use() == 600);
  CHECK(memory.active == 300);
  CHECK(memory.ram_part() == Approx(0.6));
  CHECK(memory.swap_part() == Approx(0.25));
  CHECK(Memory{}.ram_part() == 0);
  CHECK(parse_load("0.25 0.10 1.50 1/234 5678\n") == std::array<double, 3>{0.25, 0.10, 1.50});
  CHECK(parse_uptime("9000.25 62000.50\n") == std::pair<double, double>{9000.25, 62000.50});
}

TEST_CASE("/proc/net/dev, diskstats, sockstat and snmp", "[stats]") {
  const auto interfaces = parse_interfaces(
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs\n"
      "    lo: 10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\n  eth0:1000 1 0 0 0 0 0 0 2000 1 0 0 0 0 0 0\n");
  REQUIRE(interfaces.size() == 2);
  CHECK(interfaces[1].name == "eth0");
  CHECK(interfaces[1].received == 1000);
  CHECK(interfaces[1].sent == 2000);

  const std::string disks =
      "   8       0 sda 1 2 300 4 5 6 700 8 9 1000 11\n   8       1 sda1 1 1 1 1 1 1 1 1 1 1 1\n   8 16 sdb 1 2 3 4 5 "
      "6 7 8 9 10 11\n";
  const DiskTimes one = parse_disks(disks, {"sda"}), two = parse_disks(disks, {"sda", "sdb"});
  CHECK(one.sectors_read == 300);
  CHECK(one.sectors_written == 700);
  CHECK(one.busy_ms == 1000);
  CHECK(two.busy_ms == 1010);

  const Sockets sockets = parse_sockets(
      "sockets: used 300\nTCP: inuse 12 orphan 0 tw 3 alloc 20 mem 2\nUDP: inuse 5 mem 1\nUDPLITE: inuse 0\n"
      "TCP6: inuse 4\nUDP6: inuse 2\nIp: Forwarding\nIp: 1\n"
      "Tcp: RtoAlgorithm RtoMin CurrEstab InSegs\nTcp: 1 200 7 1000\n");
  CHECK(sockets.tcp == 16);
  CHECK(sockets.udp == 7);
  CHECK(sockets.time_wait == 3);
  CHECK(sockets.established == 7);
}

TEST_CASE("rates are over the time between two samples", "[stats]") {
  std::map<std::string, std::string> files{{"/proc/stat", "cpu 100 0 100 800 0 0 0 0\n"},
                                           {"/proc/self/stat", "1 (x) S 0 0 0 0 0 0 0 0 0 0 100 0\n"},
                                           {"/proc/diskstats", "8 0 sda 1 0 1000 0 1 0 2000 0 0 500 0\n"}};
  SystemSampler sampler([&](const std::string& path) { return files[path]; });
  weir::config::Stats settings;
  settings.disk = {"sda"};
  const auto begin = std::chrono::steady_clock::now();
  sampler.sample(settings, begin);
  CHECK(sampler.latest().cpu_part == 0);
  files["/proc/stat"] = "cpu 200 0 200 1600 0 0 0 0\n";                   // 200 of 1000 ticks were busy
  files["/proc/self/stat"] = "1 (x) S 0 0 0 0 0 0 0 0 0 0 350 50\n";      // 300 ticks of 10 ms in 3 s
  files["/proc/diskstats"] = "8 0 sda 1 0 1600 0 1 0 2060 0 0 2000 0\n";  // 600 and 60 sectors of 512 bytes, 1.5 s busy
  sampler.sample(settings, begin + std::chrono::seconds(3));
  const SystemSample& sample = sampler.latest();
  CHECK(sample.cpu_part == Approx(0.2));
  CHECK(sample.self_cpu_part == Approx(1.0));
  CHECK(sample.disk_read_kbps == 100);
  CHECK(sample.disk_write_kbps == 10);
  CHECK(sample.disk_busy_part == Approx(0.5));
  settings.enabled = false;
  sampler.sample(settings, begin + std::chrono::seconds(6));
  CHECK(sampler.latest().time_ms == 0);
}

TEST_CASE("public addresses", "[stats]") {
  for (const char* open : {"8.8.8.8", "172.32.0.1", "2001:4860::1"}) CHECK(is_public_address(open));
  for (const char* closed : {"10.1.2.3", "172.31.0.1", "192.168.0.9", "127.0.0.1", "169.254.1.1", "100.64.0.1", "::1",
                             "fe80::1", "fd00::1", ""}) {
    CHECK_FALSE(is_public_address(closed));
  }
}

}  // namespace weir::test::proc_test
