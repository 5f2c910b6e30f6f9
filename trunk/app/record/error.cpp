#include "app/record/error.h"

namespace weir::record {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::too_slow:
      return "the disk is too slow: too many bytes wait to be written";
    case Errc::file_removed:
      return "the file was deleted while it was written";
    case Errc::no_free_name:
      return "every name that would do exists already";
    case Errc::nothing_carried:
      return "no track of the stream can be carried in this format";
    case Errc::no_stream:
      return "nobody publishes this stream";
    case Errc::already_recorded:
      return "this stream is recorded already";
    case Errc::not_recorded:
      return "this stream is not recorded";
    case Errc::not_a_format:
      return "the file name ends neither in .flv nor in .mp4 nor in .ts";
  }
  return "unknown";
}

}  // namespace weir::record
