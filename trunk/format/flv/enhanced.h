#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "format/flv/body.h"

namespace weir::flv {

// Enhanced RTMP v2, "VideoPacketType" and "AudioPacketType": the numbers on the wire.
namespace video_packet {
inline constexpr std::uint8_t sequence_start = 0, coded_frames = 1, sequence_end = 2, coded_frames_x = 3, metadata = 4,
                              mpeg2ts_sequence_start = 5, multitrack = 6, mod_ex = 7;
}
namespace audio_packet {
inline constexpr std::uint8_t sequence_start = 0, coded_frames = 1, sequence_end = 2, multichannel_config = 4,
                              multitrack = 5, mod_ex = 7;
}
enum class MultitrackKind : std::uint8_t { one_track = 0, many_tracks = 1, many_tracks_many_codecs = 2 };

// Adds the parts of a body whose first byte says ExVideoTagHeader or ExAudioTagHeader. parse_video() and parse_audio()
// call these.
base::Result<void> parse_enhanced_video(base::Bytes body, Parts& out);
base::Result<void> parse_enhanced_audio(base::Bytes body, Parts& out);

}  // namespace weir::flv
