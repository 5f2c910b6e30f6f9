#include "codec/captions.h"

#include <algorithm>
#include <array>

#include "codec/nal.h"

namespace weir::codec {
namespace {

// itu_t_t35_country_code, provider code of ATSC, user_identifier, user_data_type_code of cc_data
constexpr std::array<std::uint8_t, 8> head{0xb5, 0x00, 0x31, 'G', 'A', '9', '4', 0x03};

bool is_sei(base::Bytes unit, bool hevc) {
  if (unit.empty()) return false;
  const unsigned type = hevc ? unit[0] >> 1 & 0x3f : unit[0] & 0x1f;
  return hevc ? type == 39 || type == 40 : type == 6;
}

// CEA-708 4.4: a count, then triples of which those of type 0 and 1 are CEA-608. A pair of zeros but for the parity
// says nothing.
bool says_something(base::Bytes data) {
  if (data.size() < 2 || (data[0] & 0x40) == 0) return false;
  const std::size_t count = data[0] & 0x1f;
  for (std::size_t i = 0; i < count && 2 + i * 3 + 3 <= data.size(); ++i) {
    const base::Bytes triple = data.subspan(2 + i * 3, 3);
    const bool valid = (triple[0] & 0x04) != 0 && (triple[0] & 0x03) < 2;
    if (valid && ((triple[1] & 0x7f) != 0 || (triple[2] & 0x7f) != 0)) return true;
  }
  return false;
}

}  // namespace

bool has_captions(base::Bytes access_unit, unsigned nal_length_bytes, bool hevc) {
  nal::LengthPrefixed units(access_unit, nal_length_bytes);
  while (const auto unit = units.next()) {
    if (!is_sei(*unit, hevc)) continue;
    const auto found = std::search(unit->begin(), unit->end(), head.begin(), head.end());
    if (found == unit->end()) continue;
    if (says_something(unit->subspan(static_cast<std::size_t>(found - unit->begin()) + head.size()))) return true;
  }
  return false;
}

}  // namespace weir::codec
