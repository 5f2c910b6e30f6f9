#include "codec/error.h"

namespace weir::codec {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::truncated:
      return "the codec header ends inside a field";
    case Errc::empty:
      return "the codec header has no bytes";
    case Errc::length_past_end:
      return "a length in the codec header says more than there is";
    case Errc::bad_version:
      return "a configuration record of an unknown version";
    case Errc::bad_nal_length:
      return "NAL units with a length field of three bytes";
    case Errc::no_sequence_parameters:
      return "a configuration record without sequence parameters";
    case Errc::wrong_nal_type:
      return "this NAL unit or OBU is not a parameter set";
    case Errc::bad_profile:
      return "a profile that does not exist";
    case Errc::bad_chroma_format:
      return "a chroma format that does not exist";
    case Errc::bad_bit_depth:
      return "a bit depth that does not exist";
    case Errc::bad_parameter:
      return "a field of the parameter set is out of its range";
    case Errc::bad_picture_size:
      return "the parameter set gives a picture of no size, too large, or cropped away";
    case Errc::bad_object_type:
      return "an AAC object type that does not exist or is not carried";
    case Errc::bad_sample_rate:
      return "a reserved sampling rate";
    case Errc::bad_channels:
      return "no channels, or an unknown arrangement of them";
    case Errc::bad_sync:
      return "the frame does not begin with its sync word";
    case Errc::bad_frame_size:
      return "the frame is shorter than its own header";
    case Errc::not_key_frame:
      return "not a key frame, so it says no picture size";
    case Errc::no_configuration:
      return "this codec has no configuration record";
  }
  return "unknown codec error";
}

}  // namespace weir::codec
