#include "format/hls/reload.h"

#include "base/text.h"

namespace weir::hls {

std::optional<ReloadRequest> parse_reload(std::string_view query) {
  ReloadRequest request;
  for (const std::string_view pair : base::split(query, '&')) {
    const auto [name, value] = base::split_first(pair, '=');
    if (name == "_HLS_skip") {
      if (value != "YES" && value != "v2") return {};
      request.skip = true;
      request.skip_ranges = value == "v2";
    }
    if (name != "_HLS_msn" && name != "_HLS_part") continue;
    const auto number = base::parse_number(value);
    if (!number) return {};
    (name == "_HLS_msn" ? request.sequence : request.part) = number;
  }
  if (request.part && !request.sequence) return {};
  return request;
}

Answer answer_to(const ReloadRequest& request, const Progress& progress) {
  if (!request.sequence || progress.ended) return Answer::now;
  std::uint64_t asked = *request.sequence;
  std::optional<std::uint64_t> part = request.part;
  const std::uint64_t open = progress.next_sequence;
  // 6.2.5.2: more than two beyond the last sequence number of the playlist, which is the one before the open one.
  if (asked > open && asked - open > 1) return Answer::bad_request;
  // A part beyond the last one of its segment means the first one of the next segment.
  if (part && asked + 1 == open && *part >= progress.last_parts) {
    asked = open;
    part = 0;
  }
  if (asked < open) return Answer::now;
  if (!part || progress.part_target <= base::Ticks{}) return Answer::wait;
  if (asked > open) return Answer::wait;
  if (*part < progress.open_parts) return Answer::now;
  // The Advance Part Limit: three parts, or as many as last three seconds if they are shorter than one.
  const std::int64_t second = 90'000;
  const std::int64_t target = progress.part_target.count();
  const auto limit = static_cast<std::uint64_t>(target >= second ? 3 : (3 * second + target - 1) / target);
  return *part >= progress.open_parts + limit ? Answer::bad_request : Answer::wait;
}

}  // namespace weir::hls
