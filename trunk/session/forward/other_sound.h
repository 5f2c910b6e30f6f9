#pragma once

#include <memory>

#include "hub/hub.h"
#include "session/forward/sound_file.h"

namespace weir::session::forward {

// A stream of this worker with another sound: its pictures and what else it says, and a file's sound over and over in
// place of its own. Read in one format by one sender. A stream without pictures gives its time alone. On the home
// worker of the stream; ends with that, or when it is told to. Must not outlive the Hub.
class OtherSound final : hub::FrameSink {
 public:
  OtherSound(hub::Hub& hub, const hub::Request& stream, std::shared_ptr<const SoundFile> sound, hub::FormatId format);
  ~OtherSound() override;
  OtherSound(const OtherSound&) = delete;

  // Not live if there is no such stream.
  hub::Feed& feed() { return feed_; }
  // The stream is over: readers have what there is, and then the end.
  void end();

 private:
  void on_tracks(const media::Tracks& tracks) override;
  void on_frame(const media::FrameRef& frame, bool entry) override;
  // Of its sound nothing is wanted, so none is made.
  hub::Fit fit(media::Codec) const override { return hub::Fit::good; }
  void look();

  // given
  hub::Hub& hub_;
  base::StreamKey key_;

  // owned
  SoundLoop loop_;
  hub::MemoryAccount held_;  // of the file
  hub::Feed feed_;
  hub::Source source_;
  net::TimerWheel::Timer timer_;

  // state
  bool attached_ = false;
};

}  // namespace weir::session::forward
