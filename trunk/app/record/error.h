#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::record {

enum class Errc : std::uint8_t {
  ok = 0,
  too_slow,         // more bytes wait for the disk than may
  file_removed,     // the file was deleted while it was written
  no_free_name,     // every name that would do exists already
  nothing_carried,  // the format has no place for any track of the stream
  no_stream,        // nobody publishes it on this server
  already_recorded,
  not_recorded,
  not_a_format,  // the path ends neither in .flv nor in .mp4 nor in .ts
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "record")

}  // namespace weir::record

WEIR_ERROR_ENUM(weir::record::Errc)
