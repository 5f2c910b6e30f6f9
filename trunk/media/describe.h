#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "media/codec_id.h"
#include "media/track.h"

namespace weir::media {

// What the codec's own configuration says: size, rate, channels, profile, level. The error says what is wrong in the
// bytes; such a stream can still be carried, see without_description().
base::Result<CodecParameters> describe(Codec codec, const base::SharedBytes& extradata);

// The same from a first frame, for codecs that need no configuration or whose publisher sent none: MP3, AC-3, E-AC-3,
// Opus, G.711, Speex, and key frames of VP8 and VP9.
base::Result<CodecParameters> describe_by_frame(Codec codec, base::Bytes frame);

// Parameters of a track of which nothing is known but its codec and configuration.
CodecParameters without_description(Codec codec, const base::SharedBytes& extradata);

}  // namespace weir::media
