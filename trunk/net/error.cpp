#include "net/error.h"

namespace weir::net {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::end_of_stream:
      return "the peer closed the connection";
    case Errc::would_block:
      return "nothing to do just now";
    case Errc::timed_out:
      return "took longer than its time limit";
    case Errc::stopped:
      return "stopped by the server";
    case Errc::stalled:
      return "took no data for send_timeout";
    case Errc::too_large:
      return "more than the limit allows";
    case Errc::tls_failed:
      return "TLS failed";
  }
  return "unknown";
}

}  // namespace weir::net
