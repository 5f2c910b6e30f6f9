#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "media/codec_id.h"

namespace weir::ps {

// The last byte of a start code, table 2-22; below that they are those of video, which no parser of packs minds.
inline constexpr std::uint8_t id_end = 0xb9;
inline constexpr std::uint8_t id_pack = 0xba;
inline constexpr std::uint8_t id_system_header = 0xbb;
inline constexpr std::uint8_t id_map = 0xbc;
inline constexpr std::uint8_t first_id = id_end;

constexpr bool is_audio(std::uint8_t id) { return id >= 0xc0 && id <= 0xdf; }
constexpr bool is_video(std::uint8_t id) { return id >= 0xe0 && id <= 0xef; }

// Where the next 00 00 01 with a stream id begins, or the size of `in` if there is none. A NAL unit's first byte is
// below 0x80 in H.264 and HEVC, so that no start code of video is taken for one.
std::size_t find_start_code(base::Bytes in);
// The same of one id.
std::size_t find_start_code(base::Bytes in, std::uint8_t id);

// 2.5.3.3; also the 12 bytes of ISO 11172-1.
struct PackHeader {
  std::size_t bytes = 0;    // with stuffing
  std::uint64_t clock = 0;  // system_clock_reference_base, 33 bits, 90 kHz
};
inline constexpr std::size_t most_pack_header = 14 + 7;
// None: it is no pack header. `in` begins with the start code and has at least 14 bytes.
std::optional<PackHeader> parse_pack_header(base::Bytes in);

// An entry of the program stream map, 2.5.4.1.
struct MapEntry {
  std::uint8_t type = 0, id = 0;
  friend bool operator==(const MapEntry&, const MapEntry&) = default;
};
// As far as it can be read: devices write wrong lengths and checksums. `in` is the whole packet.
std::vector<MapEntry> parse_map(base::Bytes in);

// Codec::none for what is not carried: see name_of_type.
media::Codec codec_of_type(std::uint8_t type);
std::optional<std::uint8_t> type_of_codec(media::Codec codec);
// "G.722.1", "SVAC video", "stream type 0x42": for the log.
std::string name_of_type(std::uint8_t type);

}  // namespace weir::ps
