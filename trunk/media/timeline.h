#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"
#include "media/track.h"

namespace weir::media {

// Repairs a publisher's time, once, where its frames come in, so that all players can share the same bytes. Afterwards
//  * the stream begins near zero,
//  * the dts of each track only grows,
//  * a jump of the clock, both ways and by any amount, becomes a step of one frame, and audio and video stay together.
// Takes unwrapped time. One for each publish, on its worker.
class Timeline {
 public:
  // How much is repaired. Only `full` keeps the promises above.
  enum class Repair : std::uint8_t {
    full,
    origin,  // the stream begins at `begin`; from there on its clock is the publisher's
    none,    // the publisher's own time, to the end: for cameras that must stay comparable (SRS's atc)
  };
  struct Options {
    Repair repair = Repair::full;
    base::Ticks begin{};                                 // of the first frame: behind a publisher that was here before
    base::Ticks forward = std::chrono::seconds(5);       // further ahead of all tracks is a jump
    base::Ticks backward = std::chrono::seconds(1);      // further behind is a jump
    base::Ticks step = std::chrono::milliseconds(20);    // after a jump, until a track's own distance is known
    base::Ticks composition = std::chrono::seconds(30);  // a larger offset is a lie and becomes zero
  };
  struct Placed {
    base::Ticks dts{};
    base::Ticks composition{};
  };

  Timeline() : Timeline(Options{}) {}
  explicit Timeline(Options options) : options_(options) {}

  // The repaired time of the next frame of `track`, in order of arrival.
  Placed place(TrackId track, base::Ticks dts, base::Ticks composition);

  // Only before the first frame.
  void set_repair(Repair repair) { options_.repair = repair; }

  base::Ticks newest() const { return newest_; }
  std::uint64_t jumps() const { return jumps_; }    // the clock was moved
  std::uint64_t nudges() const { return nudges_; }  // a frame went back a little and was held
  std::uint64_t bad_compositions() const { return bad_compositions_; }

 private:
  struct Lane {
    bool started = false;
    base::Ticks shift{};  // added to this track's time
    base::Ticks last{};   // placed last
    base::Ticks step{};   // between the last two
  };
  static constexpr std::size_t lane_count = 32;

  bool near_newest(base::Ticks time) const;
  base::Ticks shifted(Lane& lane, base::Ticks dts);

  Options options_;
  std::array<Lane, lane_count> lanes_{};
  bool started_ = false;
  base::Ticks shift_{};  // of the newest clock that any track has moved to
  base::Ticks newest_{};
  std::uint64_t jumps_ = 0;
  std::uint64_t nudges_ = 0;
  std::uint64_t bad_compositions_ = 0;
};

}  // namespace weir::media
