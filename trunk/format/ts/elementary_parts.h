#pragma once

#include <algorithm>
#include <memory>
#include <optional>

#include "format/ts/elementary.h"

// The kinds of Elementary, for elementary.cpp alone.
namespace weir::ts {

std::unique_ptr<Elementary> make_video(media::Codec codec);  // H.264, HEVC
std::unique_ptr<Elementary> make_av1();
std::unique_ptr<Elementary> make_adts();
std::unique_ptr<Elementary> make_framed_audio(media::Codec codec);  // MP3, AC-3, E-AC-3
std::unique_ptr<Elementary> make_latm();
std::unique_ptr<Elementary> make_opus(std::uint8_t channels);

// What a configuration says; without details if it cannot be read.
std::shared_ptr<const media::CodecParameters> described(media::Codec codec, base::Bytes extradata);

// The time of audio units that follow one another by their samples.
class SampleClock {
 public:
  void set(base::Ticks time) {
    base_ = time;
    samples_ = 0;
    known_ = true;
  }
  void advance(std::uint32_t samples) { samples_ += samples; }
  base::Ticks now(std::uint32_t rate) const {
    return base_ + base::Ticks{rate == 0 ? 0 : static_cast<std::int64_t>(samples_ * 90'000 / rate)};
  }
  // Times so far stay; later samples have another rate.
  void change_rate(std::uint32_t old_rate) {
    base_ = now(old_rate);
    samples_ = 0;
  }
  bool known() const { return known_; }
  void forget() { known_ = false; }

 private:
  base::Ticks base_{};
  std::uint64_t samples_ = 0;
  bool known_ = false;
};

// The time of audio of which only the clock is known: it is asked at the begin and where the samples have left it; in
// between they count.
inline Elementary::Time settled(Elementary::Time time, bool running, base::Ticks now) {
  constexpr base::Ticks far = std::chrono::milliseconds(200);
  if (time.known || !time.clock) return time;
  if (running && *time.clock - now < far && now - *time.clock < far) return time;
  time.known = true;
  time.pts = time.dts = *time.clock;
  return time;
}

// The times of pictures of which only the clock is known, and those that have none of their own: evenly, a step after
// one another, and drawn to the clock.
class PictureClock {
 public:
  bool known() const { return known_; }
  base::Ticks dts() const { return dts_; }
  void set(base::Ticks dts);
  void follow(base::Ticks clock);
  void step_on() { dts_ = last_ + step_; }
  // The picture of this time is given away.
  void given() {
    last_ = dts_;
    ++since_;
  }

 private:
  bool known_ = false;
  base::Ticks dts_{}, last_{}, step_ = std::chrono::milliseconds(40);
  std::optional<base::Ticks> clock_;  // as it was followed last,
  unsigned since_ = 0;                // so many pictures ago
};

// How many audio units a loss took, by how long they usually are: the cut one and what was lost behind it.
class LossEstimate {
 public:
  void lose(std::size_t bytes) {
    lost_ += bytes;
    any_ = true;
  }
  // A unit of so many bytes was found, behind `skipped` bytes that belong to none. Gives the count of those before it.
  std::uint32_t found(std::size_t unit_bytes, std::size_t skipped) {
    std::uint32_t units = 0;
    if (any_) {
      const std::size_t mean = mean_ == 0 ? unit_bytes : mean_;
      units = static_cast<std::uint32_t>(std::max<std::size_t>((lost_ + skipped + mean / 2) / mean, 1));
    }
    any_ = false;
    lost_ = 0;
    mean_ = mean_ == 0 ? unit_bytes : (7 * mean_ + unit_bytes) / 8;
    return units;
  }

 private:
  std::size_t mean_ = 0, lost_ = 0;
  bool any_ = false;
};

}  // namespace weir::ts
