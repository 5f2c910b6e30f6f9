#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "proto/srt/error.h"
#include "proto/stream_url.h"

namespace weir::srt {

inline constexpr std::size_t most_stream_id_bytes = 512;  // SRTO_STREAMID; draft-sharabayko-srt-01 3.2.1.3
inline constexpr std::size_t most_stream_id_keys = 32;

// What a caller asks for by its stream id.
struct StreamId {
  enum class Mode : std::uint8_t { request, publish };
  Mode mode = Mode::request;
  proto::StreamUrl url;  // "srt://host/app" and the stream; its host is the default virtual host where none was named
};

// What stands in for what a stream id leaves out.
struct StreamIdDefaults {
  std::string app = "live";
  std::string stream_id = "#!::r=live/livestream,m=request";  // for an empty one
  StreamId::Mode mode = StreamId::Mode::request;              // for one that is a bare name
};

// In every dialect that encoders write:
//   #!::r=app/stream,m=publish,h=host,u=user,key=value   SRT Access Control; other keys become parameters, and so does
//                                                        what stands behind a "?", as SRS has it
//   #!::h=app/stream or h=host/app/stream                SRS before it had r=
//   publish:path:user:password:query, read:path...       MediaMTX
//   app/stream?key=value, stream                         a bare name
base::Result<StreamId> parse_stream_id(std::string_view text, const StreamIdDefaults& defaults);

}  // namespace weir::srt
