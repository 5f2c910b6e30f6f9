#include "app/snapshot/error.h"

namespace weir::snapshot {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::no_stream:
      return "nobody publishes this stream";
    case Errc::no_video:
      return "this stream has no video";
    case Errc::no_key:
      return "no key frame of this stream has come yet";
    case Errc::busy:
      return "too many pictures are being made";
    case Errc::no_picture:
      return "no picture could be made of this stream";
  }
  return "unknown error of a snapshot";
}

}  // namespace weir::snapshot
