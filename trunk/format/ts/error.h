#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::ts {

enum class Errc : std::uint8_t {
  ok = 0,
  truncated,            // the bytes end inside a header
  no_sync_byte,         // a packet that does not begin with 0x47
  adaptation_too_long,  // an adaptation field longer than its packet
  reserved_control,     // a packet with neither payload nor adaptation field
  not_a_table,          // a section without the syntax of a table
  wrong_table,          // another table than the one asked for
  section_too_long,     // more bytes than a program table may have
  bad_crc,              // the checksum of a section is wrong
  descriptor_past_end,  // a descriptor or its list is longer than the section
  too_many_programs,    // more programs than the limit
  too_many_streams,     // more streams in a program than the limit
  no_start_code,        // a PES packet that does not begin with 00 00 01
  bad_pes_header,       // a PES header with wrong marker bits or a header length that lies
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "ts")

}  // namespace weir::ts

WEIR_ERROR_ENUM(weir::ts::Errc)
