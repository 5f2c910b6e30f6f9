#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "codec/error.h"

// Opus: RFC 6716 and RFC 7845.
namespace weir::codec::opus {

// OpusHead, RFC 7845 5.1
struct Head {
  std::uint8_t channels = 2;
  std::uint16_t pre_skip = 0;           // samples at 48 kHz
  std::uint32_t input_sample_rate = 0;  // of what was encoded; decoders give 48 kHz
  std::int16_t gain = 0;
  std::uint8_t mapping_family = 0;
};

base::Result<Head> parse_head(base::Bytes in);
// Mapping family 0 of mono and stereo, family 1 in its own order of three to eight channels; empty of more.
base::Buffer build_head(const Head& head);

struct Packet {
  std::uint8_t channels = 1;
  std::uint8_t frames = 1;
  base::Ticks duration{};
};

// From the first one or two bytes of a packet, RFC 6716 3.1 and 3.2. More than 120 ms is an error.
base::Result<Packet> parse_packet(base::Bytes packet);

}  // namespace weir::codec::opus
