#include "session/hls/dash_closed.h"

#include <charconv>
#include <chrono>
#include <optional>

#include "format/mp4/fragmenter.h"

namespace weir::session::hls {

namespace {

constexpr std::string_view segment_ending = ".m4s";
constexpr std::uint64_t most_absent = 1u << 30;  // numbers behind the last segment: more time than there is

std::optional<std::uint64_t> closed_number(std::string_view place, std::string_view stem) {
  if (!place.starts_with(stem) || !place.ends_with(segment_ending) ||
      place.size() <= stem.size() + segment_ending.size())
    return {};
  const std::string_view digits = place.substr(stem.size(), place.size() - stem.size() - segment_ending.size());
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc() || end != digits.data() + digits.size()) return {};
  if (digits.size() > 1 && digits.front() == '0') return {};  // one name each
  return number;
}

}  // namespace

ItemRef absent_segment(const Listing& listing, std::string_view place, WallTime now) {
  if (!listing.closed) return nullptr;
  for (const Closed& one : *listing.closed) {
    const auto number = closed_number(place, one.stem);
    if (!number) continue;
    if (*number < one.first || *number - one.first > most_absent) return nullptr;
    const auto behind = static_cast<std::int64_t>(*number - one.first);
    // With what is told early of a segment, players are up to one ahead.
    const base::Ticks ahead = one.fragment * (behind - 1);
    if (one.begin + std::chrono::duration_cast<std::chrono::milliseconds>(ahead) > now) return nullptr;
    auto item = std::make_shared<Item>();
    item->place = place;
    item->type = "video/iso.segment";
    item->bytes = mp4::Fragmenter({one.track}).nothing(one.fragment * static_cast<std::int64_t>(*number), true);
    item->cache_control = "public, max-age=60";
    return item;
  }
  return nullptr;
}

}  // namespace weir::session::hls
