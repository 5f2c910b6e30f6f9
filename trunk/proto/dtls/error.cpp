#include "proto/dtls/error.h"

namespace weir::dtls {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::no_identity:
      return "the DTLS certificate could not be made or read";
    case Errc::handshake_failed:
      return "the DTLS handshake failed";
    case Errc::fingerprint_mismatch:
      return "the peer's DTLS certificate is not the one that its SDP announced";
    case Errc::no_certificate:
      return "the peer showed no DTLS certificate";
    case Errc::no_srtp_profile:
      return "the peer supports no SRTP profile of ours";
    case Errc::closed_by_peer:
      return "the peer closed the DTLS association";
    case Errc::timed_out:
      return "the DTLS handshake was not finished in time";
  }
  return "unknown error";
}

}  // namespace weir::dtls
