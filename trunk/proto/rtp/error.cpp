#include "proto/rtp/error.h"

namespace weir::rtp {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::too_short:
      return "an RTP packet is shorter than its header of 12 bytes";
    case Errc::bad_version:
      return "the version of an RTP packet is not 2";
    case Errc::header_cut_off:
      return "the CSRCs or the extension of an RTP packet reach past its end";
    case Errc::bad_padding:
      return "an RTP packet says that it has more padding than bytes";
    case Errc::bad_rtcp:
      return "an RTCP packet reaches past the end of its datagram";
    case Errc::bad_feedback:
      return "an RTCP feedback message is not as long as its kind is";
    case Errc::bad_payload:
      return "the payload header of an RTP packet is not as its codec's specification says";
    case Errc::frame_too_long:
      return "a packet on a TCP connection is longer than any that belongs there";
  }
  return "unknown error";
}

}  // namespace weir::rtp
