#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "format/ts/elementary.h"
#include "media/frame.h"
#include "media/track.h"
#include "proto/rtp/reorder.h"
#include "proto/rtp/unpacker.h"

namespace weir::session::gb28181 {

// The codec of RTP payloads that are no container, by their type: those of GB/T 28181 and RFC 3551. none: others.
media::Codec codec_of_payload(std::uint8_t payload_type);

// Packets of one codec without a container, in order, as frames. No socket and no clock.
class RawReader {
 public:
  // Its frames get this track, with generations from `generation` on.
  RawReader(media::Codec codec, media::TrackId track, std::uint32_t generation);

  // `near`: times of frames that other streams have now; the first one here is placed there.
  void input(const rtp::Reorder::Ordered& packet, std::optional<base::Ticks> near, std::vector<media::Frame>& out);

  media::Codec codec() const { return codec_; }
  // Its parameters are null before its first frame.
  const media::Track& track() const { return track_; }
  std::uint64_t damaged() const { return assembler_ ? assembler_->broken() : 0; }

 private:
  void take_pictures(std::vector<media::Frame>& out);
  void take_sound(const rtp::Reorder::Ordered& packet, std::vector<media::Frame>& out);
  void give(base::Bytes unit, const ts::Elementary::Time& time, std::vector<media::Frame>& out);

  // given
  media::Codec codec_;

  // owned
  std::unique_ptr<rtp::Assembler> assembler_;  // of video; null: it is none
  std::unique_ptr<ts::Elementary> elementary_;
  std::vector<ts::AccessUnit> found_;
  base::Buffer picture_;  // as a byte stream

  // state
  rtp::Unwrapper<std::uint32_t> clock_;
  std::optional<base::Ticks> shift_;
  media::Track track_;
};

}  // namespace weir::session::gb28181
