#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::http2 {

// Why a connection was ended by us.
enum class Errc : std::uint8_t {
  ok = 0,
  no_preface,
  broken_rules,
  too_many_resets,
  too_many_controls,
  too_many_updates,
  head_without_end,
  too_slow,
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "http2")

}  // namespace weir::http2

WEIR_ERROR_ENUM(weir::http2::Errc)
