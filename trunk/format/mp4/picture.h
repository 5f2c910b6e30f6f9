#pragma once

#include "codec/picture.h"
#include "media/track.h"

namespace weir::mp4 {

// What a video's configuration says of how its pictures are shown; nothing told where it cannot be read.
codec::Picture picture_of(const media::CodecParameters& parameters);

}  // namespace weir::mp4
