#pragma once

#include <memory>

#include "hub/packager.h"

namespace weir::pack {

// Frames as RTP payloads, each frame one wire (RtpWire), for WebRTC: the first video track and the first audio track
// that browsers take. Parameter sets go before each key frame of H.264 and HEVC; pictures of H.264 that are decoded out
// of order are left out, since WebRTC has no place for them (unless rtc's keep_bframe is on), and SEI messages where
// keep_avc_nalu_sei is off. Newcomers start on key frames, on any sound where there is
// no video.
std::unique_ptr<hub::Packager> make_rtp(const config::Vhost& vhost);

// What it has a place for.
constexpr bool rtp_carries(media::Codec codec) {
  using media::Codec;
  return media::kind_of(codec) == media::Kind::video || codec == Codec::opus || codec == Codec::pcma ||
         codec == Codec::pcmu;
}

}  // namespace weir::pack
