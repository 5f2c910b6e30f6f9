#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::session::gb28181 {

// Why there is no place for the media of a stream, or why it ended.
enum class MediaErrc : std::uint8_t {
  ok = 0,
  no_caster,           // no stream_caster gb28181 is there and enabled
  no_free_port,        // every port of media_ports has its stream or belongs to another program
  single_port_closed,  // media_ports is empty, and the one port of `listen` could not be opened for this transport
  ssrc_taken,          // at the one port: a stream that is told apart by the same SSRC
  stream_taken,        // this stream has a place already
  too_many,            // places
  no_packet,           // none came in time
  unknown_ssrc,        // packets came, but of another SSRC than asked for and answered
  no_media,            // packets came, but nothing in them that is known
  no_key_frame,        // media came, but no picture to begin with
  went_silent,         // media came, and then none for too long
  no_such_address,     // tcp_active: the answer names none that can be connected to
  not_answered,        // tcp_active: nobody said where to connect to
  frame_of_no_length,  // TCP: a packet of length zero
  no_framing,          // TCP: neither a length (RFC 4571) nor '$' (RFC 2326 10.12) stands before a packet
  closed,              // by who opened it
  bad_id,              // of a stream: it is no name
  bad_ssrc,            // it is no number of 32 bits
};

const char* describe(MediaErrc code);
WEIR_ERROR_CATEGORY(MediaErrc, "gb28181 media")

}  // namespace weir::session::gb28181

WEIR_ERROR_ENUM(weir::session::gb28181::MediaErrc)
