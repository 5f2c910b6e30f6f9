#pragma once

#include <span>

#include "base/bytes.h"
#include "proto/rtp/payloads.h"

namespace weir::rtp {

// An access unit of H.264 or HEVC as length-prefixed NAL units (media::Frame).
struct AccessUnit {
  base::Bytes bytes;
  unsigned nal_length_bytes = 4;
  // The parameter sets in force, which go before a key frame that has none of its own in band.
  std::span<const base::Bytes> parameter_sets;
  bool key = false;
};

// Appends the payloads of an access unit, each `most` bytes at the most: RFC 6184 5.6 to 5.8 (single NAL unit, STAP-A,
// FU-A) and RFC 7798 4.4.1 to 4.4.3 (single, AP, FU). Access unit delimiters and filler are left out. False if a length
// points past the end; what was whole before it has been appended.
bool pack_avc(const AccessUnit& unit, std::size_t most, Payloads& out);
bool pack_hevc(const AccessUnit& unit, std::size_t most, Payloads& out);

// Whether all slices of an H.264 access unit are bidirectional (7.4.3, slice_type 1 and 6): WebRTC has no reordering,
// so players get the stream without these.
bool is_bidirectional_avc(base::Bytes access_unit, unsigned nal_length_bytes);

}  // namespace weir::rtp
