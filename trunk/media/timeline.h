#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "media/frame.h"

namespace weir::media {

// Repairs a publisher's time, once, where its frames come in, so that all players can share the same bytes. Afterwards
//  * the stream begins near zero,
//  * the dts of each track only grows,
//  * a frame that is stamped wrong alone is corrected alone, and moves nothing else,
//  * a jump of the clock, both ways and by any amount, becomes a step of one frame, and audio and video stay together;
//    a clock that comes back is where it would have been.
// What a time out of place was, a gap, a jump or a stray, only the frame behind it tells: such a frame is held until
// then. Takes unwrapped time. One for each publish, on its worker; holds one frame at most.
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
    base::Ticks forward = std::chrono::seconds(5);       // further ahead of all tracks is a jump, less a gap
    base::Ticks backward = std::chrono::seconds(1);      // further behind is a jump, less is held in order
    base::Ticks doubt = std::chrono::milliseconds(200);  // ahead of all tracks, it must be confirmed
    base::Ticks patience = std::chrono::seconds(2);      // so long others may go on before a held frame is believed
    base::Ticks step = std::chrono::milliseconds(20);    // after a jump, until a track's own distance is known
    base::Ticks composition = std::chrono::seconds(30);  // a larger offset is a lie and becomes zero
  };

  Timeline() : Timeline(Options{}) {}
  explicit Timeline(Options options) : options_(options) {}

  // Takes the next frame in order of arrival, and appends what has its repaired time now: this one, most often.
  void put(Frame frame, std::vector<Frame>& out);
  // What is held, at the end of the stream.
  void flush(std::vector<Frame>& out);
  // The tracks from now on: a frame that is held of one that changed cannot be decoded any more.
  void set_tracks(const Tracks& tracks);

  // Only before the first frame.
  void set_repair(Repair repair) { options_.repair = repair; }

  base::Ticks newest() const { return newest_; }
  std::uint64_t jumps() const { return jumps_; }    // the clock was moved
  std::uint64_t strays() const { return strays_; }  // a frame was stamped wrong, alone
  std::uint64_t nudges() const { return nudges_; }  // a frame went back a little and was held in order
  std::uint64_t bad_compositions() const { return bad_compositions_; }

 private:
  struct Lane {
    bool started = false;
    base::Ticks offset{};  // of a track that counts from elsewhere than the first one
    base::Ticks shift{};   // added to this track's time: its offset and one of the clocks
    base::Ticks last{};    // placed last
    base::Ticks seen{};    // the newest of all tracks then
    base::Ticks step{};    // the usual distance
    unsigned behind = 0;   // frames in a row that were held in order although their own time goes on evenly
    base::Ticks behind_raw{};
  };
  struct Held {
    Frame frame;           // with the publisher's time
    base::Ticks newest{};  // when it came
    unsigned passed = 0;   // frames of other tracks since
  };
  static constexpr std::size_t lane_count = 32;
  static constexpr std::size_t clock_count = 8;

  Lane& lane_of(TrackId track);
  void begin(Lane& lane, base::Ticks dts);
  base::Ticks reach(const Lane& lane) const;
  base::Ticks step_of(const Lane& lane) const;
  bool plausible(const Lane& lane, base::Ticks own) const;
  std::optional<base::Ticks> known_shift(const Lane& lane, base::Ticks dts) const;
  void add_clock(base::Ticks clock);
  void judge(const Frame& next, std::vector<Frame>& out);
  bool confirms(const Frame& next) const;
  void believe(std::vector<Frame>& out);
  void correct(base::Ticks next, std::vector<Frame>& out);
  void keep_up(Lane& lane, base::Ticks dts);
  void emit(Lane& lane, Frame frame, base::Ticks asked, std::vector<Frame>& out);
  void emit_data(Frame frame, std::vector<Frame>& out);

  // given
  Options options_;
  // state
  std::array<Lane, lane_count> lanes_{};
  bool started_ = false;
  std::array<base::Ticks, clock_count> clocks_{};  // what was added to the time of the first track; the newest last
  std::size_t clocks_known_ = 0;
  std::optional<Held> held_;
  base::Ticks newest_{};
  std::uint64_t jumps_ = 0;
  std::uint64_t strays_ = 0;
  std::uint64_t nudges_ = 0;
  std::uint64_t bad_compositions_ = 0;
};

}  // namespace weir::media
