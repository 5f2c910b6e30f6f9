#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::srt {

// What is wrong with a stream id.
enum class Errc : std::uint8_t {
  ok = 0,
  too_long,           // more than most_stream_id_bytes
  control_character,  // or a NUL
  bad_syntax,         // begins with "#!" and goes on as none that we know
  nested,             // "#!:{...}", the form with nested keys
  bad_pair,           // a part between commas is not key=value
  too_many_keys,
  bad_mode,   // neither to publish nor to play: bidirectional, or a word of nobody's
  no_stream,  // no resource
  bad_name,   // "..", or a character that no name may have
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "srt stream id")

}  // namespace weir::srt

WEIR_ERROR_ENUM(weir::srt::Errc)
