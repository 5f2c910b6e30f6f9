#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/clock.h"
#include "media/track.h"

namespace weir::media {

using base::Ticks;

// One access unit of one track. Immutable once built; shared by reference on any worker.
//
// Payload: H.264 and HEVC length-prefixed NAL units (CodecParameters::nal_length_bytes; parameter sets in band are left
// where the encoder put them, so that ingest need not copy), AV1 a temporal unit of OBUs with sizes and without
// temporal delimiter, VP8/VP9 one frame; audio one raw access unit without ADTS; script_data one AMF0 message;
// ts_data one PES packet with its header, whose times are those of its origin; ts_packets a number of one byte, so many
// packets for whoever begins here (tables), and those that came.
struct Frame {
  TrackId track = TrackId::video;
  Codec codec = Codec::none;
  Ticks dts{};
  Ticks composition{};           // pts = dts + composition
  bool key = false;              // a decoder may start here
  std::uint32_t generation = 0;  // of the Track this was coded with
  base::SharedBytes payload;
};

using FrameRef = std::shared_ptr<const Frame>;

}  // namespace weir::media
