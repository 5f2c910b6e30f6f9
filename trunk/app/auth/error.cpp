#include "app/auth/error.h"

namespace weir::auth {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::address_denied:
      return "this address is denied";
    case Errc::address_not_allowed:
      return "this address is not among those allowed";
    case Errc::refer:
      return "not from this page";
    case Errc::no_token:
      return "the URL carries no token";
    case Errc::bad_token:
      return "the token is malformed";
    case Errc::bad_algorithm:
      return "the token is signed by an algorithm that is not accepted";
    case Errc::bad_signature:
      return "the signature of the token is wrong";
    case Errc::expired:
      return "the token has expired";
    case Errc::not_yet:
      return "the token is not valid yet";
    case Errc::no_expiry:
      return "the token has no expiry";
    case Errc::other_stream:
      return "the token is for another stream";
    case Errc::other_action:
      return "the token does not allow this action";
    case Errc::other_audience:
      return "the token is of another issuer or for another audience";
    case Errc::unknown_key:
      return "the token is signed with a key that is not known";
    case Errc::bad_key_set:
      return "it is no key set, or holds no key that can be used";
    case Errc::no_key:
      return "the server has no key to check tokens with";
    case Errc::nobody_plays:
      return "nobody plays this stream";
    case Errc::bitrate_exceeded:
      return "the bitrate is above max_publish_bitrate";
  }
  return "unknown";
}

}  // namespace weir::auth
