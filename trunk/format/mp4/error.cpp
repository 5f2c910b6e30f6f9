#include "format/mp4/error.h"

namespace weir::mp4 {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::truncated:
      return "the bytes end inside a box header or a field";
    case Errc::box_past_end:
      return "a box is longer than what holds it";
    case Errc::box_too_small:
      return "a box is shorter than its own header";
    case Errc::box_too_large:
      return "a box has more bytes than the limit";
    case Errc::missing_box:
      return "a box that must be there is missing";
    case Errc::bad_version:
      return "a box has a version that does not exist";
    case Errc::bad_table:
      return "the counts of a sample table do not fit its size or one another";
    case Errc::too_many_tracks:
      return "more tracks than the limit";
    case Errc::too_many_samples:
      return "more samples than the limit";
    case Errc::unknown_track:
      return "a fragment of a track that the movie does not have";
    case Errc::unsupported_codec:
      return "a codec that cannot be carried in MP4";
    case Errc::no_configuration:
      return "the codec's configuration is missing or cannot be read";
    case Errc::no_tracks:
      return "there is no track to write";
  }
  return "unknown error";
}

}  // namespace weir::mp4
