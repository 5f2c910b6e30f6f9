#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace weir::hls {

// What a request for a media playlist asks for in its query, 6.2.5.
struct ReloadRequest {
  std::optional<std::uint64_t> sequence;  // _HLS_msn
  std::optional<std::uint64_t> part;      // _HLS_part
  bool skip = false;                      // _HLS_skip: segments
  bool skip_ranges = false;               // and ranges of dates: v2
};
// None if the query breaks the draft's rules, which is answered with 400: numbers that are none, a part without a
// sequence.
std::optional<ReloadRequest> parse_reload(std::string_view query);

// How far a playlist is.
struct Progress {
  std::uint64_t next_sequence = 0;  // of the segment that is open, or would be opened next
  std::uint64_t open_parts = 0;     // complete parts of it
  std::uint64_t last_parts = 0;     // parts of the segment before it
  base::Ticks part_target{};        // zero without low latency
  bool ended = false;
};

enum class Answer : std::uint8_t {
  now,
  wait,         // until the playlist has grown to what was asked, for at most three target durations, then 503
  bad_request,  // too far ahead to be waited for
};
Answer answer_to(const ReloadRequest& request, const Progress& progress);

}  // namespace weir::hls
