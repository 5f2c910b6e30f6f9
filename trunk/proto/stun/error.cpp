#include "proto/stun/error.h"

namespace weir::stun {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::too_short:
      return "a STUN message is shorter than its header of 20 bytes";
    case Errc::not_stun:
      return "the first two bits or the magic cookie are not those of STUN";
    case Errc::bad_length:
      return "the length of a STUN message is no multiple of four or not that of its datagram";
    case Errc::attribute_cut_off:
      return "a STUN attribute reaches past the end of its message";
    case Errc::too_many_attributes:
      return "a STUN message has more attributes than the limit";
    case Errc::bad_attribute:
      return "a STUN attribute is not as long as its kind is";
    case Errc::no_integrity:
      return "a STUN message has no MESSAGE-INTEGRITY";
    case Errc::bad_integrity:
      return "the MESSAGE-INTEGRITY of a STUN message was made with another password";
    case Errc::bad_fingerprint:
      return "the FINGERPRINT of a STUN message is not the CRC-32 of its bytes";
  }
  return "unknown error";
}

}  // namespace weir::stun
