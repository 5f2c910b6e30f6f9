#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::sound {

enum class Errc : std::uint8_t {
  ok = 0,
  no_codec,     // neither the core nor a plug-in has this codec
  bad_packet,   // the decoder cannot read it
  bad_format,   // a rate or number of channels that nobody has
  encoder,      // the encoder refused
  no_file,      // there is no such plug-in
  not_loaded,   // the plug-in, or a library it needs, could not be loaded
  not_a_plugin  // a library of another kind or version
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "sound")

}  // namespace weir::sound

WEIR_ERROR_ENUM(weir::sound::Errc)
