#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/light.h"
#include "media/codec_id.h"

namespace weir::flv {

// The body of a colour packet: "colorInfo" and an object (Enhanced RTMP v2, "Metadata Frame"). Of it what bitstreams
// often leave out: hdrMdcv and hdrCll. Primaries and transfer stand in the bitstream itself.
base::Result<codec::Light> parse_colour(base::Bytes body);

// The codec's configuration with these, where it has a place for them: HEVC and AV1.
base::SharedBytes with_light(media::Codec codec, const base::SharedBytes& header, const codec::Light& light);

}  // namespace weir::flv
