#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace weir::rtmp {

// What a peer's bytes had wrong. Beside each goes a Diagnostic that names the place and the field.
enum class Errc {
  bad_version = 1,
  bad_proxy_prefix,
  no_predecessor,
  header_inside_message,
  length_changed,
  message_too_long,
  too_many_chunk_streams,
  too_many_partial_messages,
  bad_chunk_size,
  bad_control_message,
  bad_aggregate,
  bad_command,
  missing_tc_url,
  not_connected,
  command_flood,
  unanswered_flood,
  unexpected_answer,
  refused_by_peer,
};
const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "rtmp")

// Where in the connection a fault lies and which field it is; for the log beside the error's own text.
struct Diagnostic {
  std::uint64_t offset = 0;  // bytes received before the faulty field
  std::string text;          // "message length 9000000 of chunk stream 4, limit 8388608"; empty if all is well

  std::string sentence() const;  // "at byte 3073: ..."
};

}  // namespace weir::rtmp

WEIR_ERROR_ENUM(weir::rtmp::Errc)
