#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "hub/memory.h"
#include "media/frame.h"
#include "media/silence.h"

namespace weir::hub {

// What a stream sends while it has no input: its last key frame once a second, and silence, on its own timeline as the
// clock goes on. It is told of what went out, so that it has that key frame. Of a track for which there is neither it
// sends nothing. On the stream's home worker.
class Still {
 public:
  using Clock = std::chrono::steady_clock;
  using Put = std::function<void(media::FrameRef)>;
  // Once it stands. Newcomers wait so long for a picture, and each costs a key frame.
  static constexpr base::Ticks key_distance = std::chrono::seconds(1);

  explicit Still(MemoryBudget* memory) : account_(memory, Cache::frames) {}

  // As outputs were told of them, generations too. Key frames of before are of no use then.
  void set_tracks(const media::Tracks& tracks);
  void note(const media::FrameRef& frame);
  // Nothing is kept.
  void forget();

  // It could stand: there is a picture, or sound alone without one.
  bool possible() const;
  void begin(base::Ticks at, Clock::time_point now);
  void end() { stands_ = false; }
  bool stands() const { return stands_; }
  // Where in the stream's time it is now. While it stands.
  base::Ticks time_at(Clock::time_point now) const;
  // Gives what is due until now, in the order of time.
  void go_on(Clock::time_point now, const Put& put);

 private:
  struct Lane {
    media::Track track;
    bool video = false;
    media::FrameRef key{};                    // of video
    std::optional<media::Silence> silence{};  // of sound
    std::int64_t sent = 0;                    // units since it stands

    bool sends() const { return key || silence; }
    base::Ticks due() const;  // from its beginning
    media::FrameRef make(base::Ticks at);
  };
  void count_memory();

  // owned
  std::vector<Lane> lanes_;  // pictures first
  MemoryAccount account_;    // of the key frames

  // state
  bool stands_ = false;
  base::Ticks begun_{};           // in the stream's time, and
  Clock::time_point begun_at_{};  // by the clock
  Clock::time_point looked_at_{};
};

}  // namespace weir::hub
