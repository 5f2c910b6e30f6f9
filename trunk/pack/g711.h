#pragma once

#include "hub/audio_bridge.h"
#include "hub/packager.h"

namespace weir::pack {

inline constexpr hub::FormatId pcma{10}, pcmu{11};  // G.711, frame by frame, for loudspeakers of devices

// The first audio track as G.711 of 8 kHz and one channel, 20 ms in each wire, made of whatever the stream has,
// whatever the virtual host says of RTMP and WebRTC; where the stream is silent, silence. A newcomer gets what comes
// from now on. Once for a stream and law, on the stream's worker: a frame is decoded, resampled and encoded in a
// fraction of a millisecond. `bridge` knows the codecs and outlives the packagers.
hub::PackagerFactory make_g711(media::Codec law, hub::AudioBridge& bridge);

// Adds both laws.
void add_g711(hub::Formats& formats, hub::AudioBridge& bridge);

}  // namespace weir::pack
