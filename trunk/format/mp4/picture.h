#pragma once

#include "codec/light.h"
#include "codec/picture.h"
#include "media/track.h"

namespace weir::mp4 {

// What a video's configuration says of how its pictures are shown; nothing told where it cannot be read.
codec::Picture picture_of(const media::CodecParameters& parameters);

// Whether its pictures have a high dynamic range, so that light_of() may find something.
bool is_bright(const media::CodecParameters& parameters);
// Of which brightness they are: as a frame says it (empty: none is there), or else the configuration.
codec::Light light_of(const media::CodecParameters& parameters, base::Bytes frame);

}  // namespace weir::mp4
