#pragma once

#include <algorithm>

#include "support/catch.h"
#include "unit/session/webrtc/rtp_publisher.h"

namespace weir::test {

// How many of `sent` came, each as it was and in order; -1 if one did not.
inline int came(const std::vector<const media::Frame*>& frames, const std::vector<std::string>& sent) {
  std::size_t at = 0;
  for (const media::Frame* frame : frames) {
    const std::string payload = test::hex(frame->payload);
    while (at < sent.size() && sent[at] != payload) ++at;
    if (at++ >= sent.size()) return -1;
  }
  return static_cast<int>(frames.size());
}

inline bool times_grow(const std::vector<const media::Frame*>& frames) {
  return std::adjacent_find(frames.begin(), frames.end(),
                            [](const auto* a, const auto* b) { return b->dts <= a->dts; }) == frames.end();
}

inline void check_frames(const RtpPublisher& rig, double least) {
  const auto pictures = rig.sink.of(media::TrackId::video), sounds = rig.sink.of(media::TrackId::audio);
  CHECK(came(pictures, rig.sent_pictures) >= least * static_cast<double>(rig.sent_pictures.size() - 3));
  CHECK(came(sounds, rig.sent_sounds) >= least * static_cast<double>(rig.sent_sounds.size() - 5));
  CHECK(times_grow(pictures));
  CHECK(times_grow(sounds));
}

}  // namespace weir::test
