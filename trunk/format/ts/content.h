#pragma once

#include <cstdint>
#include <optional>

#include "format/ts/psi.h"
#include "media/track.h"

namespace weir::ts {

// What an elementary stream is and how it stands in its PES packets.
struct Content {
  media::Codec codec = media::Codec::none;
  bool latm = false;          // AAC in LATM/LOAS, not in ADTS
  std::uint8_t channels = 0;  // Opus: what its descriptor says

  friend bool operator==(const Content&, const Content&) = default;
};

// Codec::none for what is not known here.
Content content_of(const PmtStream& stream);

// How a codec is announced and carried; none for a codec that has no place in a transport stream.
struct Carriage {
  std::uint8_t stream_type = 0;
  std::uint8_t stream_id = 0;
  std::vector<std::uint8_t> descriptors;
};
std::optional<Carriage> carriage_of(const media::CodecParameters& parameters);
bool can_carry(media::Codec codec);
// The same for segments of HLS, whose players take AV1 in fragmented MP4 alone (HLS Authoring Specification 1.1).
bool can_carry_in_hls(media::Codec codec);

// Timed metadata in ID3: "Timed Metadata for HTTP Live Streaming" 2, with the descriptors of ISO 13818-1 2.6.58
// to 2.6.61.
inline constexpr std::uint8_t type_metadata = 0x15;
std::vector<std::uint8_t> metadata_pointer(std::uint16_t program);  // of the program
std::vector<std::uint8_t> metadata_descriptor();                    // of the stream

}  // namespace weir::ts
