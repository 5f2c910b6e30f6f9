#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "media/frame.h"
#include "media/track.h"

namespace weir::media {

// Between a publisher and what is made of its stream: which tracks there are is what arrives, not what is promised.
//
// At first it holds the frames, until each track that was announced has sent one, and audio and video both have (or
// only one of them is to be expected), or until the wait is over; then the stream begins with the tracks that are
// there, and with every frame. A track whose first frame comes later joins with it; one that sends nothing is nobody's.
// One for each publish; knows no clock but the frames': the caller ends the wait by release() when time stands still.
//
//   probe.set_tracks(all); probe.put(frame);
//   while (probe.poll(step)) { if (step.tracks_changed) use(probe.tracks()); if (step.frame) append(step.frame); }
class TrackProbe {
 public:
  struct Options {
    base::Ticks wait = std::chrono::seconds(1);  // zero: nothing is held
    std::size_t most_bytes = 16u << 20;          // of held frames
    std::size_t most_frames = 2000;
  };
  // What a publisher says of itself beforehand (onMetaData).
  struct Expected {
    bool video = true, audio = true;
  };

  explicit TrackProbe(Options options) : options_(options) {}

  // As announced by the publisher; may be called again at any time. What is held of a track that it replaces() must be
  // taken before: release() and poll().
  void set_tracks(Tracks announced);
  bool replaces(const Tracks& announced) const;
  void expect(Expected expected) { expected_ = expected; }
  void put(FrameRef frame);
  // The wait is over.
  void release() { open_ = true; }
  bool holding() const { return !open_; }

  // Tracks that have sent a frame, and data tracks.
  const Tracks& tracks() const { return tracks_; }
  // Announced and without a frame.
  Tracks silent() const;

  struct Step {
    bool tracks_changed = false;  // use tracks() before the frame
    FrameRef frame;               // may be null: only the tracks have changed
  };
  // What is next; false for nothing.
  bool poll(Step& step);

 private:
  struct Seen {
    bool frame = false;  // one has been passed on, or is next
    bool held = false;   // one has come
  };
  Seen& seen(TrackId id) { return seen_[static_cast<std::size_t>(id) % seen_.size()]; }
  const Seen& seen(TrackId id) const { return seen_[static_cast<std::size_t>(id) % seen_.size()]; }
  bool complete() const;
  void rebuild();

  // given
  Options options_;
  Expected expected_;

  // state
  Tracks announced_, tracks_;
  std::array<Seen, 32> seen_{};
  std::vector<FrameRef> queue_;
  std::size_t next_ = 0;  // of the queue
  std::size_t bytes_ = 0;
  base::Ticks first_{};
  bool any_ = false;
  bool open_ = false;
  bool changed_ = false;  // tracks() has not been told of
};

}  // namespace weir::media
