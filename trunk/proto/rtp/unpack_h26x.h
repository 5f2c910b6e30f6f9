#pragma once

#include "proto/rtp/unpacker.h"

namespace weir::rtp {

// NAL units behind four-byte lengths; parameter sets stay in band. A frame is a key frame if it has an IDR picture (of
// HEVC: a random access picture), since SPS alone come with recovery points too.
std::unique_ptr<Unpacker> make_avc_unpacker();
std::unique_ptr<Unpacker> make_hevc_unpacker();

}  // namespace weir::rtp
