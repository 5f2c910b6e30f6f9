#pragma once

#include <vector>

#include "media/frame.h"

namespace weir::media {

// Puts frames of a publisher that sends audio and video in turns of its own (SRS's mix_correct) into the order of time.
// The earliest leaves once a frame of the other kind has come, or when `largest` wait of one kind only. Frames of one
// track never change places. Holds frames; one for each publish.
class Interleaver {
 public:
  static constexpr std::size_t largest = 10;

  void put(FrameRef frame);
  // The next in the order of time; null if that is not known yet.
  FrameRef take();
  // The next, whatever may still come: at the end of a stream.
  FrameRef flush();

 private:
  std::vector<FrameRef> waiting_;  // by time
};

}  // namespace weir::media
