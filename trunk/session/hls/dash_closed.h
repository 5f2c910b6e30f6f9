#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "media/track.h"
#include "session/hls/dating.h"
#include "session/hls/page.h"

namespace weir::session::hls {

// A period of low-latency DASH that gets no more segments, one track of it. Its manifest names segments by number alone
// (23009-1 5.3.9.5.3), so players ask for those of the gap behind it too, and some ask again and again until they get
// one. They get one without samples.
struct Closed {
  std::string stem;  // of the places of its segments, up to the number
  media::Track track;
  std::uint64_t first = 0;  // number of those that never come
  base::Ticks fragment{};   // how long each is by its number
  WallTime begin{};         // when the first of them would have begun
};

// The segment without samples at `place`. Null if that is not of a closed period of the listing, or if a player that
// goes by the clock does not ask for it yet at `now`. Any thread.
ItemRef absent_segment(const Listing& listing, std::string_view place, WallTime now);

}  // namespace weir::session::hls
