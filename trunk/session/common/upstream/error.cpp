#include "session/common/upstream/error.h"

namespace weir::session::upstream {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::refused:
      return "the other server refuses";
    case Errc::too_many_redirects:
      return "the other server redirects too often";
    case Errc::bad_redirect:
      return "the other server redirects to what is no RTMP URL";
    case Errc::bad_address:
      return "this is no RTMP URL of a stream";
    case Errc::loop:
      return "a loop: the stream would come back to this server";
    case Errc::ended:
      return "the other server ended the stream";
    case Errc::nowhere:
      return "no other server is configured";
    case Errc::restart_due:
      return "it is connected anew, as configured";
    case Errc::not_wanted:
      return "nobody wants it any longer";
    case Errc::unknown_scheme:
      return "streams are not fetched by URLs of this scheme";
    case Errc::no_known_format:
      return "what comes is neither FLV nor MPEG-TS, nor MP3 nor AAC";
    case Errc::no_stream:
      return "the other server has no such stream";
    case Errc::bad_srt_url:
      return "this is no SRT URL";
    case Errc::bad_udp_url:
      return "this is no URL of a UDP port";
    case Errc::bad_rist_url:
      return "this is no URL of RIST";
    case Errc::taken:
      return "another stream is sent to this address and port";
    case Errc::no_stream_id:
      return "no SRT stream id can say what the stream is called";
    case Errc::no_srt:
      return "this server was not configured for SRT when it started";
    case Errc::nobody_has:
      return "no server of the cluster has this stream";
    case Errc::no_origin:
      return "no origin takes the stream";
    case Errc::leads_inside:
      return "it leads into a network that it is not from";
    case Errc::too_large:
      return "an answer is larger than what is read";
    case Errc::bad_key:
      return "what is encrypted cannot be read with the key that it names";
  }
  return "unknown upstream error";
}

}  // namespace weir::session::upstream
