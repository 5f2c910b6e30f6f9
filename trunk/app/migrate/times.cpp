#include "app/migrate/times.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace weir::migrate {

namespace {

using Unit = std::pair<std::string_view, double>;
constexpr std::array<Unit, 7> units{
    {{"", 1}, {"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}, {"w", 604'800}}};

}  // namespace

double seconds_of(std::string_view text) {
  double all = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{}) return 0;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::string_view name = text.substr(0, std::min(text.find_first_of("0123456789."), text.size()));
    const auto unit = std::ranges::find(units, name, &Unit::first);
    if (unit == units.end()) return 0;
    all += number * unit->second;
    text.remove_prefix(name.size());
  }
  return all;
}

std::string duration_text(double seconds) {
  return seconds > 0 && seconds < 1 ? fmt::format("{:.0f}ms", seconds * 1000) : fmt::format("{:g}s", seconds);
}

}  // namespace weir::migrate
