#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "format/flv/error.h"
#include "media/codec_id.h"

namespace weir::flv {

enum class PacketKind : std::uint8_t {
  frame,
  sequence_header,  // the codec's configuration, as media::CodecParameters::extradata has it
  end_of_sequence,
  metadata,             // AMF0: colour information of the video
  multichannel_config,  // order of the audio channels
  mpeg2ts_header,       // AV1 video descriptor of MPEG-TS
  command,              // start or end of a client-side seek; no payload
};

// What a video or audio message carries for one track.
struct MediaPart {
  std::uint8_t track = 0;  // of a multitrack message; 0 is also what a plain message means
  media::Codec codec = media::Codec::none;
  PacketKind kind = PacketKind::frame;
  bool key = false;               // video frames; audio frames are always true
  std::uint8_t channels = 0;      // as the legacy audio header says; 0 in the enhanced one
  std::uint32_t sample_rate = 0;  // likewise, Hz
  base::Ticks composition{};      // with the nanosecond offset of a ModEx, if there is one
  base::Bytes payload{};          // inside the body that was parsed
};

// The parts of one message. Keep one and hand it to each parse: nothing is allocated.
class Parts {
 public:
  static constexpr std::size_t limit = 16;

  std::span<const MediaPart> all() const { return {parts_.data(), count_}; }
  std::size_t size() const { return count_; }
  const MediaPart& operator[](std::size_t i) const { return parts_[i]; }
  void clear() { count_ = 0; }
  base::Result<void> add(const MediaPart& part);

 private:
  std::array<MediaPart, limit> parts_{};
  std::size_t count_ = 0;
};

// The body of a video or audio tag or RTMP message: legacy header (FLV 10.1 E.4.3.1 and E.4.2.1, with HEVC as codec id
// 12 and AV1 as 13) or Enhanced RTMP v2. Replaces what is in `out`. The payloads point into `body`.
base::Result<void> parse_video(base::Bytes body, Parts& out);
base::Result<void> parse_audio(base::Bytes body, Parts& out);

}  // namespace weir::flv
