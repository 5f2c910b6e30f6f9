#include "proto/sdp/error.h"

namespace weir::sdp {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::too_long:
      return "the SDP is longer than the limit";
    case Errc::no_version:
      return "the SDP does not begin with v=0";
    case Errc::bad_line:
      return "a line of the SDP is not a letter, an equals sign and a value";
    case Errc::bad_media_line:
      return "an m= line of the SDP has no kind, port, protocol and payload types";
    case Errc::bad_attribute:
      return "an attribute of the SDP has not the form of its kind";
    case Errc::too_many:
      return "the SDP has more media, payload types, extensions or sources than the limit";
    case Errc::no_media:
      return "the offer has no audio and no video";
    case Errc::no_bundle:
      return "the offer's media do not share one transport (a=group:BUNDLE is missing)";
    case Errc::no_rtcp_mux:
      return "the offer wants RTCP on a port of its own (a=rtcp-mux is missing)";
    case Errc::no_ice:
      return "the offer has no a=ice-ufrag and a=ice-pwd";
    case Errc::no_fingerprint:
      return "the offer has no a=fingerprint";
    case Errc::wrong_direction:
      return "the offer's direction does not fit: who publishes sends, who plays receives";
    case Errc::no_common_codec:
      return "none of the offered codecs can be used";
  }
  return "unknown error";
}

std::string Fault::sentence() const { return line == 0 ? std::string() : "line " + std::to_string(line) + ": " + text; }

}  // namespace weir::sdp
