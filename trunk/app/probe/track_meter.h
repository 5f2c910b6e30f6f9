#pragma once

#include <cstdint>
#include <memory>

#include "media/frame.h"
#include "media/track.h"

namespace weir::probe {

// Figures of the frames of one track, as they came. Times are the stream's own.
class TrackMeter {
 public:
  void take(const media::Frame& frame);

  std::shared_ptr<const media::CodecParameters> parameters;
  std::uint64_t frames = 0, bytes = 0, key_frames = 0;
  std::uint64_t backwards = 0;      // decoding times that are before the one before
  bool reorders = false;            // B-frames: some frame is shown later than it is decoded
  base::Ticks first{}, last{};      // decoding times
  base::Ticks longest_gap{};        // between two frames
  std::uint64_t longest_group = 0;  // frames between two key frames
  base::Ticks longest_group_time{};

  double seconds() const;     // from the first frame to the end of the last
  double frame_rate() const;  // frames a second over all of it; 0 with fewer than two
  double bit_rate() const;    // of the payloads, bits per second

 private:
  std::uint64_t group_ = 0;  // frames since the last key frame
  base::Ticks group_began_{};
};

}  // namespace weir::probe
