#pragma once

#include <functional>
#include <memory>

#include "hub/audio_bridge.h"
#include "media/frame.h"
#include "net/worker.h"

namespace weir::hub {

// The sound of one stream in another codec, made on the bridge's threads, in order. Lives on the stream's home worker;
// destroying it ends the work, and nothing comes any more.
class DerivedAudio {
 public:
  // `deliver` is called on the home worker, with frames of track derived_track, whose times grow.
  using Deliver = std::function<void(media::FrameRef)>;
  DerivedAudio(AudioBridge& bridge, net::Worker& home, Deliver deliver);
  ~DerivedAudio();
  DerivedAudio(const DerivedAudio&) = delete;

  // What is to be made from now on; what was made before of something else, and is under way, is dropped.
  void set_recipe(sound::Recipe recipe);
  const sound::Recipe& recipe() const { return recipe_; }
  // A frame of the original. Dropped and counted if too many wait.
  void put(media::FrameRef frame);
  // The stream is that far, whether it is heard or not.
  void advance(base::Ticks now);
  // Nothing comes for now.
  void flush();

  std::uint64_t frames_out() const { return frames_out_; }
  std::uint64_t dropped() const { return dropped_; }
  bool failed() const;  // it cannot be made after all: codecs refused

 private:
  struct Letter;
  struct Work;
  void send(Letter letter);
  static void schedule(const std::shared_ptr<Work>& work);
  static void run(const std::shared_ptr<Work>& work);
  static void collect(const std::shared_ptr<Work>& work);

  // given
  AudioBridge& bridge_;
  Deliver deliver_;

  // owned
  sound::Recipe recipe_;
  std::shared_ptr<Work> work_;

  // state
  std::uint32_t epoch_ = 0;  // of the recipe
  base::Ticks heard_{}, advanced_{};
  base::Ticks last_out_ = base::Ticks::min();
  std::uint64_t frames_out_ = 0, dropped_ = 0;
};

}  // namespace weir::hub
