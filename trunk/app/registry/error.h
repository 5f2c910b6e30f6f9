#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::registry {

enum class Errc : std::uint8_t {
  ok = 0,
  gone,       // and new publishers are refused then
  no_master,  // as a sentinel says
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "registry")

}  // namespace weir::registry

WEIR_ERROR_ENUM(weir::registry::Errc)
