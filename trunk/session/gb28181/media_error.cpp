#include "session/gb28181/media_error.h"

namespace weir::session::gb28181 {

const char* describe(MediaErrc code) {
  switch (code) {
    case MediaErrc::ok:
      return "no error";
    case MediaErrc::no_caster:
      return "no stream_caster gb28181 is enabled";
    case MediaErrc::no_free_port:
      return "no port of media_ports is free";
    case MediaErrc::single_port_closed:
      return "the port of 'listen' is not open for this transport";
    case MediaErrc::ssrc_taken:
      return "another stream is expected with this SSRC";
    case MediaErrc::stream_taken:
      return "media of this stream is expected already";
    case MediaErrc::too_many:
      return "too many streams are expected";
    case MediaErrc::no_packet:
      return "no packet came";
    case MediaErrc::unknown_ssrc:
      return "packets came, but none with the SSRC of this stream";
    case MediaErrc::no_media:
      return "packets came, but neither a program stream nor anything else that is known";
    case MediaErrc::no_key_frame:
      return "media came, but no key frame";
    case MediaErrc::went_silent:
      return "no packet came for too long";
    case MediaErrc::no_such_address:
      return "the answer names no address to connect to";
    case MediaErrc::not_answered:
      return "no answer said where to connect to";
    case MediaErrc::frame_of_no_length:
      return "the length before a packet is zero";
    case MediaErrc::no_framing:
      return "what stands before a packet is neither a length nor '$'";
    case MediaErrc::closed:
      return "closed by the signalling";
    case MediaErrc::bad_id:
      return "the id is no name";
    case MediaErrc::bad_ssrc:
      return "the SSRC is no number of 32 bits";
  }
  return "unknown error";
}

}  // namespace weir::session::gb28181
