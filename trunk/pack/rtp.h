#pragma once

#include <memory>
#include <optional>

#include "hub/packager.h"

namespace weir::pack {

// Frames as RTP payloads, each frame one wire (RtpWire), for WebRTC: one video track and one audio track, which
// rtp_track() says. Parameter sets go before each key frame of H.264 and HEVC; pictures of H.264 that are decoded out
// of order are left out, since WebRTC has no place for them (unless rtc's keep_bframe is on), and SEI messages where
// keep_avc_nalu_sei is off. Newcomers start on key frames, on any sound where there is
// no video.
hub::PackagerFactory make_rtp(unsigned video = 1, unsigned audio = 1);

// What it has a place for.
constexpr bool rtp_carries(media::Codec codec) {
  using media::Codec;
  return media::kind_of(codec) == media::Kind::video || codec == Codec::opus || codec == Codec::pcma ||
         codec == Codec::pcmu;
}

// Which track of a kind it takes: by a choice of 1 the first one that it has a place for, else that one of its kind,
// counted from 1, if it has a place for it.
std::optional<media::Track> rtp_track(const media::Tracks& tracks, media::Kind kind, unsigned choice);

}  // namespace weir::pack
