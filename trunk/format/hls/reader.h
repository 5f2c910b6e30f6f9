#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/error.h"
#include "base/result.h"
#include "format/hls/playlist.h"

namespace weir::hls {

enum class ReadErrc : std::uint8_t {
  ok = 0,
  no_playlist,        // it does not begin with #EXTM3U
  too_large,          // bytes, lines or segments
  bad_line,           // a tag whose value cannot be read
  no_segments,        // neither segments nor variants
  unknown_encryption  // a METHOD beside NONE and AES-128, or a KEYFORMAT beside identity
};
const char* describe(ReadErrc code);
WEIR_ERROR_CATEGORY(ReadErrc, "HLS playlist")

struct ReadLimits {
  std::size_t bytes = 1 << 20;
  std::size_t line_bytes = 8 * 1024;
  std::size_t segments = 10'000;  // or variants
};

// A playlist of another server, whole: which of the two kinds it is, its tags say (4.1). Tags that are not known are
// passed over, as are renditions, parts and session data. Byte ranges have their offsets. A playlist that is live may
// have no segments yet. ReadErrc.
using Playlist = std::variant<MediaPlaylist, MasterPlaylist>;
base::Result<Playlist> read_playlist(std::string_view text, const ReadLimits& limits = {});

}  // namespace weir::hls

WEIR_ERROR_ENUM(weir::hls::ReadErrc)
