#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::proxy {

// What is wrong with a PROXY header; HeaderReader tells at which byte.
enum class Errc : std::uint8_t {
  ok = 0,
  not_a_header,
  bad_line_ending,
  line_too_long,
  bad_fields,
  bad_family_name,
  bad_address,
  bad_port,
  bad_version,
  bad_command,
  bad_family,
  length_too_small,
  length_too_large,
  bad_tlv,
  bad_checksum,
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "proxy")

}  // namespace weir::proxy

WEIR_ERROR_ENUM(weir::proxy::Errc)
