#include "net/rist/error.h"

namespace weir::net {

const char* describe(RistErrc code) {
  switch (code) {
    case RistErrc::ok:
      return "ok";
    case RistErrc::not_built:
      return "this program was built without librist";
    case RistErrc::context:
      return "librist gives no context";
    case RistErrc::busy:
      return "librist is ending another connection just now";
    case RistErrc::peer:
      return "librist cannot use this address: is the port in use?";
    case RistErrc::start:
      return "librist does not start";
    case RistErrc::write:
      return "librist does not take a packet";
  }
  return "unknown RIST error";
}

}  // namespace weir::net
