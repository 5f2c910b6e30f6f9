#include "session/common/error.h"

namespace weir::session {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::tracks_change_too_often:
      return "its sequence headers change more often than max_track_changes lets them";
  }
  return "unknown error";
}

}  // namespace weir::session
