#pragma once

#include <string_view>

#include "base/bytes.h"
#include "format/ts/psi.h"
#include "media/track.h"

namespace weir::ts {

// Streams of PES packets that are neither picture nor sound, carried as they are from one transport stream to another
// (media::Codec::ts_data): KLV of SMPTE 336 (MISB ST 1402), teletext (ETSI EN 300 472), DVB subtitles (EN 300 743), ID3
// and whatever else a program map calls private data or metadata.
inline constexpr std::size_t largest_data_descriptors = 255;  // bytes, of one stream

// What it is, as logs say it; empty for a stream that is not carried as data.
std::string_view data_kind(const PmtStream& stream);
// Of a track of such a stream, and back. `parameters` are of Codec::ts_data.
media::CodecParameters data_parameters(const PmtStream& stream);
PmtStream data_stream(const media::CodecParameters& parameters, Pid pid);
// The program's own descriptors that such a stream needs (ISO 13818-1 2.6.58); may be empty.
std::vector<std::uint8_t> program_descriptors(const PmtStream& stream, std::uint16_t program);

// The same PES packet at another time: 33 bits, 90 kHz. One without a time stays so. `pes` has a whole header.
base::Buffer moved_pes(base::Bytes pes, std::uint64_t pts);

}  // namespace weir::ts
