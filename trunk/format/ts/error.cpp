#include "format/ts/error.h"

namespace weir::ts {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::truncated:
      return "the bytes end inside a header";
    case Errc::no_sync_byte:
      return "a packet does not begin with 0x47";
    case Errc::adaptation_too_long:
      return "an adaptation field is longer than its packet";
    case Errc::reserved_control:
      return "a packet has neither payload nor adaptation field";
    case Errc::not_a_table:
      return "a section lacks the syntax of a table";
    case Errc::wrong_table:
      return "another table than the one expected";
    case Errc::section_too_long:
      return "a section has more bytes than a program table may have";
    case Errc::bad_crc:
      return "the checksum of a section is wrong";
    case Errc::descriptor_past_end:
      return "a descriptor is longer than its section";
    case Errc::too_many_programs:
      return "more programs than the limit";
    case Errc::too_many_streams:
      return "more streams in a program than the limit";
    case Errc::no_start_code:
      return "a PES packet does not begin with 00 00 01";
    case Errc::bad_pes_header:
      return "a PES header has wrong marker bits or a length that lies";
  }
  return "unknown error";
}

}  // namespace weir::ts
