#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "format/hls/playlist.h"

namespace weir::session::pull {

// Which segments of a media playlist come next, while it is loaded again and again (RFC 8216 6.3). No clock, no
// network.
//
//   cursor.loaded(playlist);
//   while (auto next = cursor.next()) fetch(next->segment);
//   if (cursor.at_end()) ...; else load it again in cursor.reload_in();
class HlsCursor {
 public:
  struct Next {
    weir::hls::Segment segment;
    std::uint64_t sequence = 0;
    bool discontinuity = false;  // before it: as the playlist says, or as something between was missed
  };

  // Live ones are begun three target durations before their end (6.3.3), ended ones at the beginning.
  void loaded(weir::hls::MediaPlaylist playlist);
  std::optional<Next> next();
  // The last one could not be had.
  void lost() { ++missed_, broken_ = true; }

  // It is complete, and all of it was given out.
  bool at_end() const { return playlist_.ended && given_ == playlist_.segments.size(); }
  // From its first segment once more, which is no break in what is ours.
  void begin_again();
  std::chrono::milliseconds reload_in() const;
  std::chrono::milliseconds target_duration() const { return std::chrono::seconds(playlist_.target_duration); }
  std::uint64_t missed() const { return missed_; }  // segments that were gone, or not there
  // How often it was loaded in a row with nothing new in it.
  unsigned idle_loads() const { return idle_loads_; }

 private:
  std::size_t begin_of_live() const;

  weir::hls::MediaPlaylist playlist_;
  std::size_t given_ = 0;                  // of its segments
  std::optional<std::uint64_t> sequence_;  // of the next segment
  bool begun_ = false, broken_ = false;
  unsigned idle_loads_ = 0;
  std::uint64_t missed_ = 0;
};

}  // namespace weir::session::pull
