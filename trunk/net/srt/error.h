#pragma once

#include "base/error.h"

namespace weir::net {

// An error of libsrt, by its own number: SRT_ECONNLOST, ...
enum class SrtErrc : int { ok = 0 };

const char* describe(SrtErrc code);
inline const base::EnumCategory<SrtErrc, &describe> srt_errc_category{"srt"};
inline base::ErrorCode make_error_code(SrtErrc code) { return {static_cast<int>(code), srt_errc_category}; }

// What the calling thread's last call met: would_block, end_of_stream when the peer is gone, or the library's own.
base::ErrorCode last_srt_error();

// Why a caller was turned away, in words: of the library's own reasons, and of those that applications give
// (access_control.h).
const char* describe_srt_rejection(int code);

}  // namespace weir::net

WEIR_ERROR_ENUM(weir::net::SrtErrc)
