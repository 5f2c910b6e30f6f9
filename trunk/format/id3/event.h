#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace weir::id3 {

// What a PES packet of metadata has room for.
inline constexpr std::size_t largest_tag_bytes = 60'000;
inline constexpr std::string_view emsg_scheme =
    "https://aomedia.org/emsg/ID3";  // "Carriage of ID3 Timed Metadata in CMAF"

// What something in a stream says at a moment, for players: a tag of ID3, or what another scheme has.
struct Event {
  base::Ticks at{};  // when it is meant to be shown
  base::SharedBytes tag;
  std::string_view scheme = emsg_scheme;  // static
  base::Ticks duration{};
  std::optional<std::uint32_t> id{};  // what has the same is the same, said again
};

// A tag of ID3 2.4 with one TXXX frame (4.2.6) in UTF-8. Empty if it would be larger than largest_tag_bytes.
base::SharedBytes text_tag(std::string_view description, std::string_view value);

// A data message of a publisher, as RTMP and FLV have it: its name, and its value as JSON. Empty for one that is
// malformed or too large.
base::SharedBytes tag_of_message(base::Bytes script_data);

}  // namespace weir::id3
