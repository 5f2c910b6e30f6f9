#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::codec {

enum class Errc : std::uint8_t {
  ok = 0,
  truncated,               // the bytes end inside a header
  empty,                   // no bytes at all
  length_past_end,         // a length says more than is left
  bad_version,             // a configuration record of an unknown version
  bad_nal_length,          // NAL units with a length of three bytes
  no_sequence_parameters,  // a configuration record without a sequence parameter set or sequence header
  wrong_nal_type,          // another NAL unit or OBU than the one asked for
  bad_profile,             // a profile that does not exist
  bad_chroma_format,       // a chroma format that does not exist
  bad_bit_depth,           // a bit depth that does not exist
  bad_parameter,           // a field outside its range
  bad_picture_size,        // a picture of no size, too large, or cropped away
  bad_object_type,         // an AAC object type that does not exist or is not carried here
  bad_sample_rate,         // a reserved sampling rate
  bad_channels,            // no channels, or an unknown arrangement
  bad_sync,                // the frame does not begin with its sync word
  bad_frame_size,          // a frame that is shorter than its own header
  not_key_frame,           // the picture size stands in key frames only
  no_configuration,        // the codec has no configuration record
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "codec")

}  // namespace weir::codec

WEIR_ERROR_ENUM(weir::codec::Errc)
