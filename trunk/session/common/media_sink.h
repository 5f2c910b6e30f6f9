#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "media/frame.h"
#include "media/track.h"
#include "media/track_probe.h"

namespace weir::session {

// Where the conversation of a publisher puts its tracks and frames: FramePublisher, or a test. On the session's worker.
class MediaSink {
 public:
  virtual ~MediaSink() = default;
  // All tracks of the publisher as they are now, before the first frame that was coded with them; may be called again
  // at any time. A track that changed has a higher generation than before, one that is gone is not among them. At most
  // 32, with ids below that. An error: the publisher is to go.
  virtual base::Result<void> set_tracks(media::Tracks tracks) = 0;
  // What the publisher said of the kinds that will come; without it both are waited for.
  virtual void expect(media::TrackProbe::Expected expected) = 0;
  // Frames of one message, in order of arrival, with the generation of their track: a stream that begins with them
  // begins with all their tracks. Their time is the publisher's own: any origin, unwrapped. They are moved from.
  virtual void put(std::span<media::Frame> frames) = 0;
  void put(media::Frame frame) { put(std::span(&frame, 1)); }
  // What had to be dropped: counted, and logged at most once a second.
  virtual void complain(const std::string& what) = 0;
  // What was wrong with what came, or missing from it, since this was called last.
  virtual void count_errors(std::uint64_t) {}
};

}  // namespace weir::session
