#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"

namespace weir::sdp {

enum class Errc : std::uint8_t {
  ok = 0,
  too_long,        // more than most_bytes
  no_version,      // the first line is not "v=0" (RFC 8866 5.1)
  bad_line,        // a line is not one letter, "=" and a value
  bad_media_line,  // RFC 8866 5.14
  bad_attribute,   // an attribute that we read has another form
  too_many,        // more media, payload types, extensions or sources than the limits
  // What an offer cannot be answered for:
  no_media,         // no audio or video line that is alive
  no_bundle,        // several media lines that do not share one transport (RFC 8843)
  no_rtcp_mux,      // RTCP on a port of its own (RFC 8858)
  no_ice,           // no user fragment and password
  no_fingerprint,   // nothing by which the peer's certificate is known
  wrong_direction,  // a publisher that does not send, a player that does not receive
  no_common_codec,  // none of the offered codecs is one that we have
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "sdp")

// Where the fault lies, for the log and the answer beside the error's own text.
struct Fault {
  std::size_t line = 0;  // from 1
  std::string text;      // the line, printable and cut

  std::string sentence() const;  // "line 12: a=extmap:x"; empty without a fault
};

}  // namespace weir::sdp

WEIR_ERROR_ENUM(weir::sdp::Errc)
