#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "codec/aac.h"
#include "media/codec_id.h"

// What encoders send that is not what FLV and RTMP say, made what it should have been. Pure functions; bytes that are
// right already are given back as they are, without a copy.
namespace weir::flv {

// A frame of H.264 or HEVC as length-prefixed NAL units without empty ones: start codes in their place are made lengths
// (Annex B), empty units and zeros behind the last one are taken out. What is neither is given back as it came.
base::SharedBytes mend_units(const base::SharedBytes& frame, unsigned nal_length_bytes);

// Whether a decoder may start at the frame. The bitstream is believed before the encoder's flag: some flag all frames
// and some none. With H.264 an IDR picture, or a flagged one that is intra or has a recovery point; with HEVC a random
// access picture, or a flagged recovery point. Where the bitstream cannot be read the flag stands.
bool is_entry(media::Codec codec, base::Bytes frame, unsigned nal_length_bytes, bool flagged);

// The configuration record (avcC, hvcC) of the parameter sets that stand in a frame or header: behind start codes, or
// behind lengths of four bytes. Empty if not all kinds are there.
base::Buffer configuration_in(media::Codec codec, base::Bytes units);
bool has_start_code(base::Bytes bytes);

// AAC in ADTS, which has no place in FLV: the access units of the frames that the bytes are, whole and one behind the
// other. Empty if they are anything else, as raw access units are: none begins with twelve ones.
std::vector<base::Bytes> units_in_adts(base::Bytes bytes);
bool begins_with_adts(base::Bytes bytes);

}  // namespace weir::flv
