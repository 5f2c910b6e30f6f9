#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace weir::api {

// Why the API ends a session; for its last log line.
enum class Errc : std::uint8_t { ok = 0, kicked };
const char* describe(Errc code);
WEIR_ERROR_CATEGORY(Errc, "api")

// Numbers that clients of SRS know, in the "code" of an answer.
namespace code {
inline constexpr int bad_request = 400;    // an HTTP number, used for a session that cannot be kicked
inline constexpr int test = 100;           // tests/errors
inline constexpr int raw_disabled = 1061;  // the raw API, or this call of it, is off
inline constexpr int raw_unknown = 1060;   // no such rpc
inline constexpr int exporter_disabled = 1090;
inline constexpr int stream_busy = 1028;
inline constexpr int no_port = 1016;  // ours: none is left for the media of a device
inline constexpr int no_vhost = 2014;
inline constexpr int no_stream = 2048;
inline constexpr int no_client = 2049;
inline constexpr int bad_data = 3008;
inline constexpr int bad_callback = 4058;
inline constexpr int already_recorded = 4090;  // ours, as are the next two
inline constexpr int not_recorded = 4091;
inline constexpr int no_recording = 4092;
inline constexpr int overlay_off = 4093;      // nothing can be added: no file is named for it
inline constexpr int overlay_refused = 4094;  // the text beside it says why
inline constexpr int edit_off = 4095;
inline constexpr int edit_refused = 4096;  // as overlay_refused
inline constexpr int not_available = 501;  // an HTTP number: a feature that this build does not have
}  // namespace code

// The number in words, for whoever reads the answer.
std::string_view message_of(int code);

}  // namespace weir::api

WEIR_ERROR_ENUM(weir::api::Errc)
