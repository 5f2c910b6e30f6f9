#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::sip {

// What a SIP message had wrong.
enum class Errc : std::uint8_t {
  ok = 0,
  too_long,            // head or body is longer than the limits
  not_sip,             // the first line is neither a request nor an answer (RFC 3261 7.1, 7.2)
  bad_version,         // not SIP/2.0
  bad_header,          // a line of the head has no name before its colon
  too_many_headers,    // more than most_headers
  missing_header,      // one of Via, From, To, Call-ID, CSeq is not there (RFC 3261 8.1.1)
  bad_via,             // RFC 3261 20.42
  bad_address,         // From or To holds no URI (RFC 3261 20.10)
  bad_cseq,            // no number and method, or not the method of the request (RFC 3261 20.16)
  bad_content_length,  // not a number
  no_content_length,   // on a byte stream (RFC 3261 18.3)
  too_many_transactions,
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "sip")

}  // namespace weir::sip

WEIR_ERROR_ENUM(weir::sip::Errc)
