#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::http {

enum class Errc : std::uint8_t {
  ok = 0,
  bad_request_line,
  bad_version,
  bad_header,
  bad_line_ending,
  target_too_long,
  head_too_large,
  too_many_headers,
  bad_target,
  bad_percent_code,
  control_character,
  path_leaves_root,
  no_host,
  several_hosts,
  bad_host,
  bad_virtual_host,
  folded_line,
  empty_lines,
  bare_return,
  chunked_not_last,
  coding_in_http_1_0,
  bad_content_length,
  length_and_chunked,
  unknown_transfer_encoding,
  bad_chunk,
  body_too_large,
  body_cut_off,
  expectation_unknown,
  head_too_slow,
  body_too_slow,
  already_replied,
  bad_status_line,
  unsupported_scheme,
  not_websocket,
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "http")

// The status that a request with this fault is answered with; 400 for errors of other kinds.
int status_of(base::ErrorCode error);

}  // namespace weir::http

WEIR_ERROR_ENUM(weir::http::Errc)
