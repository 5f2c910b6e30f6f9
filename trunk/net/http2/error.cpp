#include "net/http2/error.h"

namespace weir::http2 {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::no_preface:
      return "the connection does not begin with the preface of HTTP/2";
    case Errc::broken_rules:
      return "frames of HTTP/2 that break its rules";
    case Errc::too_many_resets:
      return "streams are begun and reset too fast";
    case Errc::too_many_controls:
      return "too many frames of HTTP/2 that carry nothing";
    case Errc::too_many_updates:
      return "too many WINDOW_UPDATE frames";
    case Errc::head_without_end:
      return "the fields of a request are far too long";
    case Errc::too_slow:
      return "what was sent is not taken";
  }
  return "unknown";
}

}  // namespace weir::http2
