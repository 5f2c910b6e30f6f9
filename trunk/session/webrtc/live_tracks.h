#pragma once

#include <functional>
#include <string>

#include "hub/audio_bridge.h"
#include "media/track.h"
#include "proto/sdp/answer.h"
#include "session/webrtc/codec_choice.h"

namespace weir::session::webrtc {

// What a stream has, as its publisher's worker said it a moment ago.
struct LiveTracks {
  media::Tracks tracks;  // empty: nobody publishes it, or nothing is known yet
  bool settled = false;  // no other kind of track comes late
};

// Whether sound can be made in another codec: AudioBridge::lacks.
using Lacks = std::function<hub::AudioBridge::Lack(const sound::Recipe&)>;

// Why a player whose offer was answered so would get nothing of the stream that is live, in a sentence that names the
// codecs of both; empty if it gets something, or if that cannot be told yet.
std::string why_unplayable(const LiveTracks& live, const TrackChoice& choice, const sdp::Description& offer,
                           const sdp::Answer& answer, const config::Rtc& settings, const Lacks& lacks);

}  // namespace weir::session::webrtc
