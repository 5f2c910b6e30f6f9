#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::hooks {

// Why an answer of a hook server does not let a client in.
enum class Errc : std::uint8_t {
  ok = 0,
  bad_status,
  empty_answer,
  not_an_answer,  // neither 0 nor a JSON object
  no_code,
  denied,   // a good answer that says no
  no_urls,  // the forward backend's answer
  bad_key,  // that of on_srt_passphrase
};

const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "hooks")

}  // namespace weir::hooks

WEIR_ERROR_ENUM(weir::hooks::Errc)
