#pragma once

#include <cstdint>

#include "base/error.h"

// A namespace of its own: media has another category.
namespace weir::session::gb28181::signalling {

// Why a device does not do what it was asked for by SIP; what players hear whose stream cannot be brought.
enum class Errc : std::uint8_t {
  ok = 0,
  no_such_device,      // nobody has registered with that id
  device_offline,      // it has, but was lost or has left
  device_unreachable,  // its connection is closed, and it has not come back
  no_such_channel,     // the catalogue of the device has none with that id
  busy,                // 486, 600
  not_acceptable,      // 488, 606: it cannot send what was offered
  not_found,           // 404, 480
  failed,              // 5xx
  refused,             // any other answer that is none of 2xx
  no_media,            // 200, with a media line of port 0 or with none
  no_answer,           // none in time
  no_ssrc,             // 10,000 calls are under way
  too_many,            // calls, queries or devices
  ended_by_device,     // BYE
  at_end,              // of what is played back
  not_wanted,          // nobody plays it any longer
  no_such_call,
  not_playback,  // a live call has no time to seek in
  bad_request,   // of whoever calls the API
  no_sip,        // this server runs no SIP
  talking,       // another stream goes to that loudspeaker
  not_invited,   // the device agreed to a broadcast, and did not ask for it
};

const char* describe(Errc code);
// Of an answer to INVITE that is none of 2xx.
Errc error_of_status(unsigned status);
WEIR_ERROR_CATEGORY(Errc, "gb28181")

}  // namespace weir::session::gb28181::signalling

namespace weir::session::gb28181 {
using SignalErrc = signalling::Errc;
}

WEIR_ERROR_ENUM(weir::session::gb28181::signalling::Errc)
