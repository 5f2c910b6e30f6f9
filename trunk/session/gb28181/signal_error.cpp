#include "session/gb28181/signal_error.h"

namespace weir::session::gb28181::signalling {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::no_such_device:
      return "no device has registered with this id";
    case Errc::device_offline:
      return "the device is offline";
    case Errc::device_unreachable:
      return "the connection of the device is closed";
    case Errc::no_such_channel:
      return "the device has no channel with this id";
    case Errc::busy:
      return "the device is busy (486)";
    case Errc::not_acceptable:
      return "the device cannot send what it is asked for (488)";
    case Errc::not_found:
      return "the device does not know this channel (404)";
    case Errc::failed:
      return "the device failed (5xx)";
    case Errc::refused:
      return "the device refused";
    case Errc::no_media:
      return "the device accepted without sending media (port 0)";
    case Errc::no_answer:
      return "the device does not answer";
    case Errc::no_ssrc:
      return "all 10,000 SSRCs are in use";
    case Errc::too_many:
      return "there are more of these than the limit";
    case Errc::ended_by_device:
      return "the device ended the call";
    case Errc::at_end:
      return "the recording is over";
    case Errc::not_wanted:
      return "nobody wants it any longer";
    case Errc::no_such_call:
      return "there is no such call";
    case Errc::not_playback:
      return "the call is live: it cannot be paused or sought in";
    case Errc::bad_request:
      return "a value is missing or out of its bounds";
    case Errc::no_sip:
      return "no stream_caster gb28181 with 'sip' is enabled";
    case Errc::talking:
      return "another stream goes to this loudspeaker already";
    case Errc::not_invited:
      return "the device has not asked for the sound (no INVITE)";
  }
  return "unknown error";
}

Errc error_of_status(unsigned status) {
  switch (status) {
    case 486:
    case 600:
      return Errc::busy;
    case 488:
    case 606:
      return Errc::not_acceptable;
    case 404:
    case 480:
      return Errc::not_found;
    default:
      return status >= 500 && status < 600 ? Errc::failed : Errc::refused;
  }
}

}  // namespace weir::session::gb28181::signalling
