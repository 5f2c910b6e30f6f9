#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "format/hls/playlist.h"
#include "session/hls/page.h"

namespace weir::session::hls {

// 6.2.2: a live playlist holds three target durations.
constexpr std::size_t least_segments = 3;

// A segment that is on the shelf.
struct Kept {
  ::weir::hls::Segment told;   // as the playlist says it
  std::vector<ItemRef> items;  // itself, one for each output
  std::vector<ItemRef> parts;
  ItemRef key;                     // that it is encrypted with; null: it is not
  std::vector<std::string> files;  // on the disk
  std::uint64_t number = 0;
  std::uint64_t bytes = 0;
  bool independent = false;
};

struct Init {
  std::string uri, path;
  ItemRef item;
};

// The segments of a stream that players may ask for, and how to go on. What one publisher leaves to the next, on
// whichever worker that is.
struct Window {
  std::deque<Kept> segments;
  std::uint64_t next_number = 0;
  std::uint64_t discontinuities_gone = 0;
  base::Ticks target{}, part_target{};
  std::vector<Init> inits;  // that segments of the window need
  std::uint64_t next_init = 0;
  std::uint64_t bytes = 0;
  bool from_disk = false;  // nothing of it is on the shelf yet
};

}  // namespace weir::session::hls
