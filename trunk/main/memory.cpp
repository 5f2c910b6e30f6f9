#include "main/memory.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <limits>
#include <string>

namespace weir::process {
namespace {

constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

// A file with one number; "max" and whatever cannot be read is no limit.
std::uint64_t number_in(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  if (!std::getline(file, text)) return none;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? value : none;
}

// Of the group and all that it lies in. Inside a container the path may be that of the host, and its limit at the root.
std::uint64_t limit_of_groups(const std::string& mount, std::string path, const char* file) {
  std::uint64_t least = number_in(mount + "/" + file);
  while (!path.empty() && path != "/") {
    least = std::min(least, number_in(mount + path + "/" + file));
    path.erase(path.rfind('/'));
  }
  return least;
}

std::uint64_t control_group_limit() {
  std::uint64_t least = none;
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {  // "0::/a/b" or "4:memory:/a/b"
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1), path = line.substr(second + 1);
    if (controllers.empty()) {
      least = std::min(least, limit_of_groups("/sys/fs/cgroup", path, "memory.max"));
    } else if (controllers.find("memory") != std::string::npos) {
      least = std::min(least, limit_of_groups("/sys/fs/cgroup/memory", path, "memory.limit_in_bytes"));
    }
  }
  return least;
}

std::uint64_t pages_of(std::size_t field) {
  std::ifstream file("/proc/self/statm");
  std::uint64_t value = 0;
  for (std::size_t i = 0; i <= field; ++i) file >> value;
  return file ? value * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

std::uint64_t resident_bytes() { return pages_of(1); }
std::uint64_t mapped_bytes() { return pages_of(0); }

std::uint64_t memory_limit() {
  const auto pages = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES)));
  std::uint64_t least = pages > 0 ? pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : none;
  least = std::min(least, control_group_limit());
  for (const auto resource : {RLIMIT_AS, RLIMIT_DATA}) {
    rlimit limit{};
    if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) continue;
    const std::uint64_t taken = resource == RLIMIT_AS ? mapped_bytes() : 0;
    least = std::min(least, limit.rlim_cur - std::min<std::uint64_t>(limit.rlim_cur, taken));
  }
  return least;
}

void set_budget(hub::MemoryBudget& budget, std::uint64_t configured, std::uint64_t limit) {
  constexpr std::uint64_t default_percent = 60;
  const std::uint64_t ceiling = limit == none ? 0 : limit;
  budget.set_limits(configured > 0 ? configured : ceiling / 100 * default_percent, ceiling);
}

bool HeapTrimmer::look(std::uint64_t load_bytes, Clock::time_point now) {
  constexpr auto between = std::chrono::seconds(10);
  constexpr std::uint64_t worthwhile = 16U << 20U;
  peak_ = std::max(peak_, load_bytes);
  const std::uint64_t gone = peak_ - load_bytes;
  if (gone < worthwhile || gone < peak_ / 4 || now - last_ < between) return false;
  peak_ = load_bytes;
  last_ = now;
  ::malloc_trim(0);
  ++trims_;
  return true;
}

}  // namespace weir::process
