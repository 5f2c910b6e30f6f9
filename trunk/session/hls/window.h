#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "format/dash/mpd.h"
#include "format/hls/playlist.h"
#include "media/track.h"
#include "session/hls/dating.h"
#include "session/hls/lines.h"
#include "session/hls/page.h"

namespace weir::session::hls {

// 6.2.2: a live playlist holds three target durations.
constexpr std::size_t least_segments = 3;

// A segment that is on the shelf.
struct Kept {
  ::weir::hls::Segment told;  // as the playlist says it
  std::shared_ptr<const std::string> lines,
      lines_own;               // its lines when it has no parts any more; the latter with marks
  std::vector<ItemRef> items;  // itself, one for each output
  std::vector<ItemRef> parts;
  ItemRef key;                     // that it is encrypted with; null: it is not
  std::vector<std::string> files;  // on the disk
  std::uint64_t number = 0;
  std::uint64_t bytes = 0;
  std::uint64_t held = 0;                                               // of them in memory: all, or nothing
  std::uint64_t picture_bytes = 0;                                      // up to the end of its first picture; 0: none
  std::shared_ptr<const std::string> picture_lines, picture_lines_own;  // as `lines`, in the playlist of pictures
  // How long they were, once they are in a Settled and no more here.
  std::uint32_t lines_bytes = 0, own_bytes = 0, pictures_bytes = 0, pictures_own_bytes = 0;
  // The file is complete. Told by the home of the publisher that made it; null: it has none.
  std::shared_ptr<std::atomic<bool>> on_disk;
  bool independent = false;
};

struct Init {
  std::string uri, path;
  ItemRef item;
};

// The lines of segments behind the first of a window that is long, which only come and go.
struct Settled {
  std::size_t segments = 0;
  Lines lines, own, pictures, pictures_own;
  bool has_own = false;
};

// The segments of a stream that players may ask for, and how to go on. What one publisher leaves to the next, on
// whichever worker that is.
struct Window {
  std::deque<Kept> segments;
  Settled settled;
  std::uint64_t next_number = 0;
  std::uint64_t discontinuities_gone = 0;
  base::Ticks target{}, part_target{};
  std::vector<Init> inits;  // that segments of the window need
  std::uint64_t next_init = 0;
  std::uint64_t held = 0;  // bytes in memory
  bool from_disk = false;  // nothing of it is on the shelf yet
  bool whole = true;       // no segment has left it since it began
  bool ended = false;      // players were told so: what follows is another playlist, with numbers of its own
};

// The same of DASH.
struct DashWindow {
  struct Lane {  // one track of a period
    media::Track track;
    std::string id;  // of the representation
    std::uint32_t timescale = 90'000;
    std::uint64_t bandwidth_bps = 1;  // of its largest segment
    std::string init_path;
    ItemRef init;
  };
  struct Period {
    std::uint64_t id = 0;
    base::Ticks start{};             // in the presentation's time
    base::Ticks media_start{};       // in the publisher's
    std::uint64_t first_number = 0;  // of low latency: that of a segment at its start
    std::uint64_t next_number = 0;   // likewise: behind its newest segment
    std::vector<Lane> lanes;
  };
  struct Entry {
    std::size_t lane = 0;  // of its period
    std::uint64_t number = 0;
    dash::TimelineSegment time;
    std::string path;
    ItemRef item;
  };
  struct Segment {
    std::uint64_t period = 0;
    base::Ticks end{}, duration{};  // in the presentation's time
    std::vector<Entry> entries;
    std::uint64_t held = 0;  // bytes in memory: of all entries, or of none
    // How many of its files are complete. Told by the home of the publisher that made it; null: it has none.
    std::shared_ptr<std::atomic<std::size_t>> on_disk;
  };
  std::deque<Period> periods;                                      // that have segments
  std::deque<Segment> segments;                                    // in the manifest
  std::map<std::string, std::uint64_t, std::less<>> next_numbers;  // of each representation: none is left out
  std::uint64_t next_period = 0;
  WallTime availability{};  // when the presentation's time was zero
  bool begun = false;       // `availability` is settled
  bool ended = false;       // players were told so: what follows is another presentation
  std::uint64_t held = 0;   // bytes of `segments` in memory
};

}  // namespace weir::session::hls
