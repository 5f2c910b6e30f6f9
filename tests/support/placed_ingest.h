#pragma once

#include <memory>
#include <vector>

#include "format/flv/ingest.h"
#include "media/timeline.h"

namespace weir::test {

// What becomes of a publisher's messages before they reach a stream, without a session: tracks, and frames in repaired
// time (session::FramePublisher).
struct PlacedIngest {
  flv::Ingest ingest;
  flv::Yield yield;
  media::Timeline timeline;
  std::vector<media::Frame> placed;
  std::vector<media::FrameRef> frames;  // of the last message

  base::Result<void> input(flv::TagType type, base::Millis time, const base::SharedBytes& body) {
    const auto result = ingest.input(type, time, body, yield);
    if (yield.tracks_changed) timeline.set_tracks(ingest.tracks());
    for (media::Frame& frame : yield.frames) timeline.put(std::move(frame), placed);
    hand_out();
    return result;
  }
  void finish() {
    timeline.flush(placed);
    hand_out();
  }

 private:
  void hand_out() {
    frames.clear();
    for (media::Frame& frame : placed) frames.push_back(std::make_shared<media::Frame>(std::move(frame)));
    placed.clear();
  }
};

}  // namespace weir::test
