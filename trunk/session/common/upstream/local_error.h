#pragma once

#include <cstdint>

#include "base/error.h"

namespace weir::session::upstream {

// Why a stream cannot be had that is made on this machine.
enum class LocalErrc : std::uint8_t {
  ok = 0,
  no_file,
  not_allowed,    // a file outside the root, or one that may not be read
  program_ended,  // which made the stream
  too_busy,       // threads, descriptors, programs
  bad_list,       // of files
  no_pipe,        // the server's standard input
  input_ended,    // the same
};

const char* describe(LocalErrc code);
inline constexpr base::EnumCategory<LocalErrc, &describe> local_errc_category{"local source"};
inline base::ErrorCode make_error_code(LocalErrc code) { return {static_cast<int>(code), local_errc_category}; }

}  // namespace weir::session::upstream

WEIR_ERROR_ENUM(weir::session::upstream::LocalErrc)
