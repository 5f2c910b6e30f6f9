#pragma once

#include <functional>
#include <optional>

#include "hub/fit.h"
#include "media/frame.h"

namespace weir::hub {

// The track of derived sound, among the frames of a stream. Outputs never see that number.
inline constexpr media::TrackId derived_track{30};

// What one output sees of a stream whose main sound is there in two codecs: the one that suits it, as its main sound.
// A derived one is chosen only where it suits better than the original.
class TrackView {
 public:
  // The tracks as the output is to be told of them.
  media::Tracks choose(const media::Tracks& tracks, const std::optional<media::Track>& derived,
                       const std::function<Fit(media::Codec)>& fit);
  bool derived() const { return derived_; }  // it is the derived sound that it sees

  bool hides(const media::Frame& frame) const {
    return frame.track == (derived_ ? media::TrackId::audio : derived_track);
  }
  // As the output is to see it, of what is not hidden.
  media::FrameRef show(const media::FrameRef& frame) const {
    if (frame->track != derived_track) return frame;
    auto shown = std::make_shared<media::Frame>(*frame);  // by reference to the same payload
    shown->track = media::TrackId::audio;
    return shown;
  }
  // Whether a newcomer may start on this frame: that right passes from hidden sound to the sound in its place.
  bool entry(const media::Frame& frame, bool entry_of_stream) {
    if (hides(frame)) {
      owed_ = owed_ || entry_of_stream;
      return false;
    }
    if (frame.track != derived_track) return entry_of_stream;
    return std::exchange(owed_, false);
  }

 private:
  bool derived_ = false;
  bool owed_ = false;
};

// The main sound of a stream; null if there is none.
const media::Track* main_sound(const media::Tracks& tracks);

}  // namespace weir::hub
