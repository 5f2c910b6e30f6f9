#include "net/http/error.h"

#include "net/error.h"

namespace weir::http {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::bad_request_line:
      return "the request line is not METHOD SP TARGET SP HTTP/1.x";
    case Errc::bad_version:
      return "the version is not HTTP/1.0 or HTTP/1.1";
    case Errc::bad_header:
      return "a header field is not NAME: VALUE";
    case Errc::bad_line_ending:
      return "a line of the head does not end with CR LF";
    case Errc::target_too_long:
      return "the request target is longer than allowed";
    case Errc::head_too_large:
      return "the head is larger than allowed";
    case Errc::too_many_headers:
      return "there are more header fields than allowed";
    case Errc::bad_target:
      return "the request target is neither a path nor an absolute http URL";
    case Errc::bad_percent_code:
      return "'%' is not followed by two hexadecimal digits";
    case Errc::control_character:
      return "a control character where text is expected";
    case Errc::path_leaves_root:
      return "the path holds \"..\"";
    case Errc::no_host:
      return "HTTP/1.1 without a Host header";
    case Errc::several_hosts:
      return "more than one Host header";
    case Errc::bad_host:
      return "the Host header is not a host name or address";
    case Errc::bad_virtual_host:
      return "vhost or domain of the query is not a host name or address";
    case Errc::folded_line:
      return "a line of the head begins with a blank";
    case Errc::empty_lines:
      return "too many empty lines before the request line";
    case Errc::bare_return:
      return "a CR without LF in the head";
    case Errc::chunked_not_last:
      return "chunked is not the last Transfer-Encoding, or stands there twice";
    case Errc::coding_in_http_1_0:
      return "a Transfer-Encoding in HTTP/1.0";
    case Errc::bad_content_length:
      return "Content-Length is not one decimal number";
    case Errc::length_and_chunked:
      return "both Content-Length and Transfer-Encoding are given";
    case Errc::unknown_transfer_encoding:
      return "a Transfer-Encoding other than chunked";
    case Errc::bad_chunk:
      return "a chunk of the body does not begin with its size in hexadecimal and a line end";
    case Errc::body_too_large:
      return "the body is larger than allowed";
    case Errc::body_cut_off:
      return "the connection ended inside the body";
    case Errc::expectation_unknown:
      return "Expect holds something other than 100-continue";
    case Errc::head_too_slow:
      return "the head took longer than its time limit";
    case Errc::body_too_slow:
      return "the body took longer than its time limit";
    case Errc::already_replied:
      return "the request was already answered";
    case Errc::bad_status_line:
      return "the answer does not begin with HTTP/1.x and a status of three digits";
      return "the URL is not SCHEME://HOST[:PORT][/PATH]";
    case Errc::unsupported_scheme:
      return "the URL is neither http nor https";
    case Errc::not_websocket:
      return "the request does not ask for WebSocket version 13 with a valid key";
  }
  return "unknown";
}

int status_of(base::ErrorCode error) {
  if (error == net::Errc::timed_out) return 408;
  if (error.category() != errc_category) return 400;
  switch (static_cast<Errc>(error.value())) {
    case Errc::target_too_long:
      return 414;
    case Errc::head_too_large:
    case Errc::too_many_headers:
      return 431;
    case Errc::bad_version:
      return 505;
    case Errc::unknown_transfer_encoding:
      return 501;
    case Errc::body_too_large:
      return 413;
    case Errc::expectation_unknown:
      return 417;
    case Errc::head_too_slow:
    case Errc::body_too_slow:
      return 408;
    default:
      return 400;
  }
}

}  // namespace weir::http
