#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace weir::codec {

// How bright the screen was on which pictures of high dynamic range were mastered, and how bright they get. As SEI of
// H.264 (D.1.29, D.1.31) and HEVC (D.2.28, D.2.35) have it, and as the boxes mdcv and clli of ISO 14496-12 (12.1.6,
// 12.1.7) repeat it.
struct Light {
  struct Mastering {
    // Of green, blue and red, then white: x and y in steps of 0.00002.
    std::array<std::uint16_t, 8> chromaticity{};
    std::uint32_t most = 0, least = 0;  // in 0.0001 cd/m2
    friend bool operator==(const Mastering&, const Mastering&) = default;
  };
  struct Level {
    std::uint16_t most = 0, most_average = 0;  // of a sample, and of a picture, in cd/m2
    friend bool operator==(const Level&, const Level&) = default;
  };
  std::optional<Mastering> mastering;
  std::optional<Level> level;
  friend bool operator==(const Light&, const Light&) = default;
  bool told() const { return mastering || level; }
};

// Of length-prefixed NAL units; nothing where none says it.
Light light_of_units(base::Bytes access_unit, unsigned nal_length_bytes, bool hevc);
// Of the units that an hvcC record has (ISO 14496-15 8.3.3.1).
Light light_of_hevc_record(base::Bytes record);
// Of the metadata OBUs of a temporal unit, or behind the head of an av1C record (6.7.3, 6.7.4).
Light light_of_obus(base::Bytes obus);

// The record with these as one more array of SEI, or as metadata OBUs; as it was if it cannot be read to its end or
// they are in it.
base::Buffer hevc_record_with(base::Bytes record, const Light& light);
base::Buffer av1_record_with(base::Bytes record, const Light& light);

}  // namespace weir::codec
