#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "media/codec_id.h"
#include "media/colour.h"

namespace weir::flv {

// The body of a colour packet: "colorInfo" and an object (Enhanced RTMP v2, "Metadata Frame"). Of it
// colorConfig, hdrMdcv and hdrCll.
base::Result<media::Colour> parse_colour(base::Bytes body);

// The codec's configuration with these, where it has a place for them: HEVC and AV1 for how bright pictures are, VP9
// for their colours. Outputs find the rest in the parameters of the track.
base::SharedBytes with_colour(media::Codec codec, const base::SharedBytes& header, const media::Colour& colour);

}  // namespace weir::flv
