#include "app/stats/proc.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>

#include "base/text.h"

namespace weir::stats {

namespace {

std::string_view next_word(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) {
    text = {};
    return {};
  }
  text.remove_prefix(begin);
  const std::size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::int64_t to_number(std::string_view word) {
  // Addresses and limits fill 64 bits without sign.
  std::uint64_t value = 0;
  const bool negative = word.starts_with('-');
  if (negative) word.remove_prefix(1);
  std::from_chars(word.data(), word.data() + word.size(), value);
  return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

std::int64_t next_number(std::string_view& text) { return to_number(next_word(text)); }

double to_real(std::string_view word) { return std::strtod(std::string(word).c_str(), nullptr); }

}  // namespace

CpuTimes parse_cpu_times(std::string_view text) {
  CpuTimes times;
  if (next_word(text) != "cpu") return times;
  for (std::int64_t* field : {&times.user, &times.nice, &times.sys, &times.idle, &times.iowait, &times.irq,
                              &times.softirq, &times.steal, &times.guest}) {
    *field = next_number(text);
  }
  return times;
}

ProcessStat parse_process_stat(std::string_view text) {
  ProcessStat stat;
  // The name may hold anything, parentheses and blanks included: it ends at the last one.
  const std::size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return stat;
  stat.pid = to_number(base::trim(text.substr(0, open)));
  stat.comm = text.substr(open + 1, close - open - 1);
  text.remove_prefix(close + 1);
  stat.state = next_word(text);
  for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) {
    stat.numbers.push_back(to_number(word));
  }
  return stat;
}

Memory parse_memory(std::string_view text) {
  Memory memory;
  const std::pair<std::string_view, std::int64_t*> fields[] = {
      {"MemTotal:", &memory.total},     {"MemFree:", &memory.free},  {"Active:", &memory.active},
      {"Buffers:", &memory.buffers},    {"Cached:", &memory.cached}, {"SwapTotal:", &memory.swap_total},
      {"SwapFree:", &memory.swap_free},
  };
  for (std::string_view line : base::split(text, '\n')) {
    const std::string_view name = next_word(line);
    for (const auto& [wanted, field] : fields) {
      if (name == wanted) *field = next_number(line);
    }
  }
  return memory;
}

std::vector<InterfaceBytes> parse_interfaces(std::string_view text) {
  std::vector<InterfaceBytes> result;
  for (std::string_view line : base::split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;  // the two heading lines
    InterfaceBytes one;
    one.name = base::trim(line.substr(0, colon));
    line.remove_prefix(colon + 1);
    one.received = next_number(line);
    for (int i = 0; i < 7; ++i) next_word(line);
    one.sent = next_number(line);
    result.push_back(std::move(one));
  }
  return result;
}

DiskTimes parse_disks(std::string_view text, const std::vector<std::string>& names) {
  DiskTimes sum;
  for (std::string_view line : base::split(text, '\n')) {
    next_word(line);
    next_word(line);
    if (std::find(names.begin(), names.end(), next_word(line)) == names.end()) continue;
    std::array<std::int64_t, 10> numbers{};
    for (std::int64_t& number : numbers) number = next_number(line);
    sum.sectors_read += numbers[2];
    sum.sectors_written += numbers[6];
    sum.busy_ms += numbers[9];
  }
  return sum;
}

Sockets parse_sockets(std::string_view text) {
  Sockets sockets;
  std::vector<std::string_view> snmp_names;
  for (std::string_view line : base::split(text, '\n')) {
    const std::string_view kind = next_word(line);
    if (kind == "Tcp:") {  // of snmp: a line of names, then one of values
      std::vector<std::string_view> words;
      for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) words.push_back(word);
      for (std::size_t i = 0; i < words.size() && i < snmp_names.size(); ++i) {
        if (snmp_names[i] == "CurrEstab") sockets.established = to_number(words[i]);
      }
      snmp_names = std::move(words);
      continue;
    }
    const bool tcp = kind == "TCP:" || kind == "TCP6:", udp = kind == "UDP:" || kind == "UDP6:";
    for (std::string_view name = next_word(line); (tcp || udp) && !name.empty(); name = next_word(line)) {
      const std::int64_t value = next_number(line);
      if (name == "inuse") (tcp ? sockets.tcp : sockets.udp) += value;
      if (tcp && name == "tw") sockets.time_wait += value;
    }
  }
  return sockets;
}

std::array<double, 3> parse_load(std::string_view text) {
  std::array<double, 3> load{};
  for (double& value : load) value = to_real(next_word(text));
  return load;
}

std::pair<double, double> parse_uptime(std::string_view text) {
  const double up = to_real(next_word(text));
  return {up, to_real(next_word(text))};
}

std::string read_small_file(const std::string& path) {
  constexpr std::size_t most = 256 * 1024;
  std::ifstream file(path, std::ios::binary);
  std::string text(most, '\0');
  file.read(text.data(), static_cast<std::streamsize>(most));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

}  // namespace weir::stats
