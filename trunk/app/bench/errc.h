#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::bench {

enum class Errc : std::uint8_t {
  ok = 0,
  bad_flv,           // the input is not an FLV file, or ends inside a tag
  no_video,          // the input holds no video to measure by
  bad_url,           // neither rtmp://host[:port]/app/stream nor http://host[:port]/path.flv
  bad_chunk,         // a chunk header that no earlier chunk explains, or a message beyond all bounds
  bad_response,      // not an HTTP/1.x 200 response
  bad_chunked_body,  // the size of a piece of a chunked body is not a number
  bad_tag,           // not an FLV header or tag where one must be
  refused,           // the server said no to connect, play or publish
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "bench")

}  // namespace weir::bench

WEIR_ERROR_ENUM(weir::bench::Errc)
