#include "proto/srt/error.h"

namespace weir::srt {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::too_long:
      return "the stream id is longer than 512 bytes";
    case Errc::control_character:
      return "the stream id has a control character";
    case Errc::bad_syntax:
      return "the stream id begins with #! and goes on neither with :: nor as any known form";
    case Errc::nested:
      return "the stream id has the nested form #!:{...}, which is not taken; write #!::r=app/stream,m=publish";
    case Errc::bad_pair:
      return "a part of the stream id is not key=value";
    case Errc::too_many_keys:
      return "the stream id has more than 32 keys";
    case Errc::bad_mode:
      return "the stream id asks neither to publish nor to play (m=publish or m=request)";
    case Errc::no_stream:
      return "the stream id names no stream (r=app/stream)";
    case Errc::bad_name:
      return "the name of the host, application or stream has a part or a character that no name may have";
  }
  return "unknown";
}

}  // namespace weir::srt
