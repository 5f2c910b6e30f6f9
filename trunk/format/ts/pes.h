#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "format/ts/packet.h"

namespace weir::ts {

inline constexpr std::uint8_t stream_id_private = 0xbd;  // private_stream_1: AC-3, Opus
inline constexpr std::uint8_t stream_id_audio = 0xc0;
inline constexpr std::uint8_t stream_id_video = 0xe0;
inline constexpr std::size_t largest_pes_header = 19;  // what is written here

// 2.4.3.7
struct PesHeader {
  std::uint8_t stream_id = 0;
  std::size_t header_bytes = 0;           // where the payload begins
  std::size_t payload_bytes = 0;          // what the length field says is behind the header; only if `bounded`
  bool bounded = false;                   // video may leave its length open
  std::optional<std::uint64_t> pts, dts;  // 33 bits, 90 kHz; a dts only where it is not the pts
};

// True once `in` holds all of the header.
bool has_whole_pes_header(base::Bytes in);
base::Result<PesHeader> parse_pes_header(base::Bytes in);

// Writes a header with a pts, and a dts if it is another, and returns its bytes. A payload too long for the length
// field leaves it open, which only video may do.
std::size_t write_pes_header(std::uint8_t* out, std::uint8_t stream_id, std::uint64_t pts, std::uint64_t dts,
                             std::size_t payload);
constexpr std::size_t pes_header_bytes(std::uint64_t pts, std::uint64_t dts) { return pts == dts ? 14 : 19; }

}  // namespace weir::ts
