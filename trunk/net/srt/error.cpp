#include "net/srt/error.h"

#include <srt/access_control.h>
#include <srt/srt.h>

#include "net/error.h"

namespace weir::net {

const char* describe(SrtErrc code) { return srt_strerror(static_cast<int>(code), 0); }

base::ErrorCode last_srt_error() {
  const int code = srt_getlasterror(nullptr);
  switch (code) {
    case SRT_EASYNCSND:
    case SRT_EASYNCRCV:
    case SRT_ECONGEST:
      return Errc::would_block;
    case SRT_ECONNLOST:
    case SRT_ENOCONN:
    case SRT_EINVSOCK:
      return Errc::end_of_stream;
    default:
      return static_cast<SrtErrc>(code);
  }
}

const char* describe_srt_rejection(int code) {
  switch (code) {
    case SRT_REJX_HOSTNOTFOUND:
      return "no such virtual host";
    case SRT_REJX_BAD_REQUEST:
      return "the stream id cannot be read";
    case SRT_REJX_UNAUTHORIZED:
      return "the token is not good";
    case SRT_REJX_OVERLOAD:
      return "a limit is reached";
    case SRT_REJX_FORBIDDEN:
      return "it is not allowed";
    case SRT_REJX_NOTFOUND:
      return "nobody publishes this stream";
    case SRT_REJX_BAD_MODE:
      return "it asks neither to publish nor to play";
    case SRT_REJX_UNACCEPTABLE:
      return "this cannot be had here";
    case SRT_REJX_CONFLICT:
      return "somebody publishes this stream already";
    case SRT_REJX_DOWN:
      return "not now: the server is stopping, or has yet to find out the passphrase";
    case SRT_REJX_ISE:
      return "a fault of the server";
    default:
      return srt_rejectreason_str(code);
  }
}

}  // namespace weir::net
