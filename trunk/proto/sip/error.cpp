#include "proto/sip/error.h"

namespace weir::sip {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::too_long:
      return "a SIP message is longer than the limit";
    case Errc::not_sip:
      return "the first line is neither that of a SIP request nor that of an answer";
    case Errc::bad_version:
      return "a SIP message is not of version 2.0";
    case Errc::bad_header:
      return "a line of a SIP head has no name before its colon";
    case Errc::too_many_headers:
      return "a SIP message has more header fields than the limit";
    case Errc::missing_header:
      return "a SIP message lacks Via, From, To, Call-ID or CSeq";
    case Errc::bad_via:
      return "the Via of a SIP message names no transport and host";
    case Errc::bad_address:
      return "From or To of a SIP message holds no SIP URI";
    case Errc::bad_cseq:
      return "the CSeq of a SIP message is no number and method, or not the method of the request";
    case Errc::bad_content_length:
      return "the Content-Length of a SIP message is not a number";
    case Errc::no_content_length:
      return "a SIP message on a connection has no Content-Length";
    case Errc::too_many_transactions:
      return "more SIP requests wait for an answer than the limit";
  }
  return "unknown error";
}

}  // namespace weir::sip
