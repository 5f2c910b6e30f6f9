#include "session/srt/error.h"

namespace weir::session::srt {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::off_in_vhost:
      return "SRT is off in this virtual host (vhost { srt { enabled on; } })";
    case Errc::closed:
      return "this port is closed (srt_server)";
    case Errc::plays_only:
      return "nobody may publish at this port (srt_server { direction out; })";
    case Errc::takes_only:
      return "nothing is played at this port (srt_server { direction in; })";
    case Errc::key_asked:
      return "its passphrase is being asked for (http_hooks.on_srt_passphrase); it may come again at once";
    case Errc::key_unknown:
      return "its passphrase is not known: http_hooks.on_srt_passphrase gave no answer";
    case Errc::key_refused:
      return "http_hooks.on_srt_passphrase refuses this stream";
    case Errc::key_questions:
      return "too many passphrases are asked for (http_hooks.on_srt_passphrase)";
    case Errc::no_media:
      return "no audio or video came within publish.firstpkt_timeout";
  }
  return "unknown";
}

}  // namespace weir::session::srt
