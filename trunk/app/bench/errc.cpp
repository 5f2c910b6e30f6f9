#include "app/bench/errc.h"

namespace weir::bench {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::bad_flv:
      return "the input is not an FLV file or is cut inside a tag";
    case Errc::no_video:
      return "the input has no video frame; delays and first frames are measured on video";
    case Errc::bad_url:
      return "the URL is neither rtmp://host[:port]/app/stream nor http://host[:port]/path";
    case Errc::bad_chunk:
      return "a chunk header refers to no earlier chunk, or its message is over 16 MiB";
    case Errc::bad_response:
      return "the server did not answer HTTP 200";
    case Errc::bad_chunked_body:
      return "a piece of the chunked body has no valid size";
    case Errc::bad_tag:
      return "no FLV header or tag where one must be";
    case Errc::refused:
      return "refused by the server";
  }
  return "unknown";
}

}  // namespace weir::bench
