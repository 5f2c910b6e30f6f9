#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::session::upstream {

enum class Errc : std::uint8_t {
  ok = 0,
  refused,             // by the other server; it says why
  too_many_redirects,  // one leads to the next
  bad_redirect,        // to something that is no RTMP URL
  bad_address,         // of a target or source
  loop,                // the stream would come back to where it is from
  ended,               // the other server says that the stream is over
  nowhere,             // no place is configured
  not_wanted,          // nobody plays it any longer
  restart_due,         // as configured
  unknown_scheme,      // of a URL
  no_known_format,     // of bytes that should be FLV, MPEG-TS, MP3 or AAC; of a file, or MP4
  no_stream,           // an HTTP status other than 200
  bad_srt_url,         // of a target or source
  bad_udp_url,         // of a target or source
  bad_rist_url,        // of a target or source
  taken,               // an address that another stream is sent to
  no_stream_id,        // for a stream that is called so
  no_srt,              // libsrt was not started
  nobody_has,          // of a cluster
  no_origin,           // takes what is published here
  leads_inside,        // another server's playlist, into a network that is not its own
  too_large,           // what should be read whole
  bad_key,             // of what is encrypted
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "upstream")

}  // namespace weir::session::upstream

WEIR_ERROR_ENUM(weir::session::upstream::Errc)

namespace weir::session::upstream {
// Whoever was asked does not have the stream; not that nobody could be asked.
inline bool is_absence(const base::ErrorCode& why) { return why == Errc::no_stream || why == Errc::nobody_has; }
}  // namespace weir::session::upstream
