#include "net/proxy/error.h"

namespace weir::proxy {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::not_a_header:
      return "neither \"PROXY \" nor the signature of version 2";
    case Errc::bad_line_ending:
      return "CR and LF do not stand together";
    case Errc::line_too_long:
      return "the line does not end within 107 bytes";
    case Errc::bad_fields:
      return "the line is not PROXY FAMILY SOURCE DESTINATION PORT PORT";
    case Errc::bad_family_name:
      return "the family is none of TCP4, TCP6 and UNKNOWN";
    case Errc::bad_address:
      return "no numeric address of the family";
    case Errc::bad_port:
      return "no port from 0 to 65535 without leading zeros";
    case Errc::bad_version:
      return "the version is not 2";
    case Errc::bad_command:
      return "the command is neither LOCAL nor PROXY";
    case Errc::bad_family:
      return "family or transport are not assigned";
    case Errc::length_too_small:
      return "the length is too small for the addresses of the family";
    case Errc::length_too_large:
      return "the header is longer than allowed";
    case Errc::bad_tlv:
      return "a field goes beyond the header";
    case Errc::bad_checksum:
      return "the CRC-32C does not match";
  }
  return "unknown";
}

}  // namespace weir::proxy
