#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "format/audio_timing.h"
#include "media/frame.h"
#include "media/track.h"

namespace weir::mp4 {

// A sample as the tables have it; times in the track's time scale.
struct Sample {
  std::uint64_t offset = 0;  // in the file or the data box
  std::uint32_t size = 0;
  std::uint32_t duration = 0;
  std::int64_t dts = 0;
  std::int32_t composition = 0;
  bool key = false;
};

// Turns the times of one track's frames into those of its samples: 90000 a second for video, the sampling rate for
// audio, where the samples are counted so that frames follow one another without gaps. Times only grow, from fragment
// to fragment too. A value with state; one for each track written.
class Lane {
 public:
  explicit Lane(const media::CodecParameters& parameters);

  std::uint32_t timescale() const { return timescale_; }
  // Appends the sample of a frame, its place apart. The one before it lasts until this one; how long this one does is a
  // guess until the next comes: the count of its samples for audio, the usual distance for video.
  void append(const media::Frame& frame, std::vector<Sample>& samples);
  // Lets the last sample last until `next`, where the next one begins that will not be appended here.
  void end_at(base::Ticks next, std::vector<Sample>& samples) const;
  std::int64_t scaled(base::Ticks time) const;

 private:
  void learn(std::int64_t distance);

  bool audio_ = false;
  std::uint32_t timescale_ = 90'000;
  format::AudioTiming timing_;
  format::SampleCounter counter_;
  std::uint32_t step_ = 3'000;                // the usual distance: one gap or one stray does not make it
  std::array<std::uint32_t, 3> distances_{};  // the last ones; zero before the first
  std::optional<std::int64_t> last_;          // dts of the newest sample
};

}  // namespace weir::mp4
