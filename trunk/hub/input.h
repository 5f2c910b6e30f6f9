#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "hub/permit.h"
#include "hub/registry.h"
#include "media/frame.h"
#include "media/track.h"

namespace weir::hub {

class Hub;

// What a stream is told of an input when it comes. Immutable: it goes to the stream's home worker.
struct InputOrigin {
  base::SessionId id;
  std::shared_ptr<const Request> request;  // its origin says where the frames come from
  int priority = 0;                        // the highest one that brings frames is the active one
  bool warm = false;                       // it keeps nothing while it stands by, and begins with its next key frame
  bool keeps_clock = false;                // its time is its own (atc) and is not moved
  std::function<void()> ask_key{};         // for a key frame, on the home worker; null: it cannot be asked
};

// What an input brought so far, in its own time. On the worker of its session.
struct InputFigures {
  media::Tracks tracks;
  std::uint64_t video_frames = 0, audio_frames = 0, bytes = 0, video_bytes = 0, audio_bytes = 0;
  base::Ticks last_key_dts{}, gop_length{};
  std::chrono::steady_clock::time_point last_key_at{};

  void count(const media::Frame& frame);
};

// Token of who brings frames: while it lives, the session is an input of the stream. Destroying it leaves; the stream
// waits for its next one (publish.grace), unless this one said that it had finished or was told to go. On its session's
// worker, whichever is the stream's; must not outlive the Hub.
class Input {
 public:
  struct State;
  explicit Input(std::unique_ptr<State> state);
  Input(Input&&) noexcept;
  Input& operator=(Input&&) = delete;
  ~Input();

  // May be called again at any time: players hear of the change before the next frame.
  void set_tracks(media::Tracks tracks);
  // In the input's own time, which only grows; the stream places it behind what it had before.
  void append(media::FrameRef frame);
  // Its time is its own from now on; before the first frame.
  void keep_clock();
  // Called on this worker when readers want a key frame, for inputs that can be asked for one.
  void when_key_wanted(std::function<void()> ask);
  // Another priority than the one it came with. `at_once`: it is not made to prove itself before it takes over.
  void set_priority(int priority, bool at_once = false);
  // So many things were wrong with what it brought, or missing, that were not told before. Of several inputs, one that
  // brings too many gives way.
  void count_errors(std::uint64_t more);
  // It said that this is the end: nobody waits for it to come back.
  void finish();

  const Record& record() const;
  const InputFigures& figures() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace weir::hub
