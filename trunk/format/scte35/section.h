#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"

namespace weir::scte35 {

// The scheme of events that carry whole sections (SCTE 214-1).
inline constexpr std::string_view emsg_scheme = "urn:scte:scte35:2013:bin";
inline constexpr std::uint8_t stream_type = 0x86;  // SCTE 35 8.1
inline constexpr std::size_t largest_section_bytes = 4096;
inline constexpr std::uint64_t pts_modulus = std::uint64_t{1} << 33;

// What a section says, as far as it is told to players.
struct Section {
  enum class Kind : std::uint8_t {
    out,     // a break or a segment begins
    in,      // it ends
    cancel,  // what was announced is not
    other    // any other command
  };
  Kind kind = Kind::other;
  bool idle = false;                    // splice_null and the like: nothing for players
  std::uint32_t event = 0;              // splice_event_id or segmentation_event_id
  std::optional<std::uint64_t> pts;     // of the splice, adjusted, 33 bits; none: at once
  std::optional<base::Ticks> duration;  // of the break
  std::uint32_t crc = 0;                // the same section has the same
};

// 9.6.1. None for what is malformed, encrypted or has a wrong checksum.
std::optional<Section> parse(base::Bytes section);

// The same section with its splice at another time: pts_adjustment and CRC_32 are written anew. `section` was parsed.
base::Buffer moved(base::Bytes section, std::uint64_t from_pts, std::uint64_t to_pts);

// A splice_insert (9.7.3) for a publisher that says the same in other words; at once.
base::Buffer insert(std::uint32_t event, bool out, std::optional<base::Ticks> duration);

// What a data message of RTMP says: a section in base64 or as "0x..." in any of its texts (onCuePoint and onAdCue of
// encoders), or "SpliceOut" and a duration (onAdCue), or a cue point of YouTube. Empty for anything else.
base::Buffer of_message(base::Bytes script_data);

// "0xFC30..."
std::string hex(base::Bytes section);

}  // namespace weir::scte35
