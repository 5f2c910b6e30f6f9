#include "session/webrtc/error.h"

namespace weir::session::webrtc {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::no_check:
      return "no connectivity check arrived from the peer";
    case Errc::gone_silent:
      return "nothing came from the peer for stun_timeout";
    case Errc::left:
      return "the peer left";
    case Errc::deleted:
      return "ended by DELETE";
    case Errc::handshake:
      return "the DTLS handshake failed";
    case Errc::too_many:
      return "too many sessions that no peer has connected to yet";
    case Errc::ufrag_taken:
      return "another session has that ice-ufrag";
    case Errc::ports_closed:
      return "the server no longer listens for WebRTC";
    case Errc::not_to_be_had:
      return "the stream cannot be fetched";
  }
  return "unknown";
}

}  // namespace weir::session::webrtc
