#include "proto/srtp/error.h"

namespace weir::srtp {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::bad_packet:
      return "the packet has no whole RTP or RTCP header";
    case Errc::no_room:
      return "the buffer has no room for the authentication tag";
    case Errc::bad_key_length:
      return "the SRTP master key or salt is not as long as the profile says";
    case Errc::bad_tag:
      return "the authentication tag of an SRTP packet is wrong";
    case Errc::replayed:
      return "an SRTP packet was received twice";
    case Errc::too_old:
      return "an SRTP packet is older than the replay window";
    case Errc::too_many_sources:
      return "there are more SSRCs than the limit";
  }
  return "unknown error";
}

}  // namespace weir::srtp
