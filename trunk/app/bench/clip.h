#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace weir::bench {

// One message of the input: an FLV tag's body, which is an RTMP message's payload as well.
struct ClipMessage {
  std::uint8_t type = 0;  // 8 audio, 9 video, 18 script data
  bool header = false;    // a sequence header or metadata: sent once, not again with each round
  bool stamped = false;   // a video frame with room for a stamp at its end
  std::uint32_t time_ms = 0;
  std::size_t offset = 0;  // into Clip::bytes
  std::size_t size = 0;
};

// What publishers replay, over and over with timestamps that go on. Immutable; shared by all publishers.
struct Clip {
  std::vector<std::uint8_t> bytes;
  std::vector<ClipMessage> headers;   // in order, sent first
  std::vector<ClipMessage> messages;  // by time, from zero; never empty
  std::uint32_t length_ms = 0;        // time from the start of one round to the start of the next

  base::Bytes payload(const ClipMessage& m) const { return base::Bytes{bytes}.subspan(m.offset, m.size); }
  double bits_per_second() const;
};

struct SyntheticClip {
  double kbps = 500;  // audio and video together
  double audio_kbps = 64;
  double frames_per_second = 30;
  double gop_seconds = 2;
  double seconds = 20;
};

// H.264 and AAC in shape: right sequence headers and framing around filler. 43 audio messages a second.
Clip make_clip(const SyntheticClip& wanted);
base::Result<Clip> parse_clip(base::Bytes flv);
base::Result<Clip> load_clip(const std::string& path);

}  // namespace weir::bench
