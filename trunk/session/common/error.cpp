#include "session/common/error.h"

namespace weir::session {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::tracks_change_too_often:
      return "its sequence headers change more often than max_track_changes lets them";
    case Errc::no_transport_stream:
      return "what comes is no MPEG transport stream";
  }
  return "unknown error";
}

}  // namespace weir::session
