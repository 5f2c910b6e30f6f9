#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "media/track.h"

namespace weir::format {

// How long the frames of an audio track last. A value; made once for each generation of a track.
class AudioTiming {
 public:
  AudioTiming() = default;
  explicit AudioTiming(const media::CodecParameters& parameters);

  struct Span {
    std::uint32_t samples = 0;  // 0 if it is not known
    std::uint32_t rate = 0;     // of these samples, Hz
  };
  Span span(base::Bytes frame) const;
  base::Ticks duration(base::Bytes frame) const;

 private:
  media::Codec codec_ = media::Codec::none;
  Span fixed_;  // of codecs whose frames all last the same
};

// Gives audio frames the time that their samples say, as long as it stays close to the time that came with them: RTMP
// and FLV round to a millisecond, and a player that hears every rounding stutters. An audio clock that runs fast or
// slow is followed by frames that last a little longer or shorter, so that they still follow one another; only a gap of
// more than two frames leaves a hole. Never goes back.
class SampleCounter {
 public:
  explicit SampleCounter(std::uint32_t rate) : rate_(rate) {}

  // Where, in samples, the frame begins that came with the time `dts` and has so many samples.
  std::int64_t place(base::Ticks dts, std::uint32_t samples);
  // How long the frame that was placed last lasts, in samples: the next one begins there unless there is a gap.
  std::uint32_t duration() const { return duration_; }
  std::uint32_t rate() const { return rate_; }

 private:
  std::uint32_t rate_;
  bool started_ = false;
  std::int64_t next_ = 0;
  std::uint32_t duration_ = 0;
};

}  // namespace weir::format
