#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::flv {

enum class Errc : std::uint8_t {
  ok = 0,
  truncated,              // the bytes end inside a header
  not_flv,                // a file that does not begin with "FLV" and version 1
  bad_header_size,        // the file header says that it is shorter than itself, or absurdly long
  bad_tag_type,           // neither audio, video nor script data
  tag_too_large,          // more bytes than the limit
  bad_back_pointer,       // the size behind a tag is not the size of that tag
  encrypted_tag,          // the filter bit: an encrypted tag
  empty_body,             // an audio or video message of no bytes
  unsupported_codec,      // a codec id or FourCC that is not known here
  bad_packet_type,        // a packet type that the codec does not have
  bad_frame_type,         // a video frame type that does not exist
  bad_multitrack,         // a multitrack message inside another, or of an unknown kind
  track_past_end,         // a track of a multitrack message is longer than the message
  too_many_tracks,        // more tracks than the limit
  too_many_modifiers,     // more ModEx prefixes than anybody needs
  empty_sequence_header,  // a sequence header without bytes
  no_sequence_header,     // a frame before the sequence header of its track
  bad_script_data,        // a script tag whose AMF0 cannot be read
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "flv")

}  // namespace weir::flv

WEIR_ERROR_ENUM(weir::flv::Errc)
