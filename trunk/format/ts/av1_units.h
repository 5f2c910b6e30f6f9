#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

// The form of AV1 in transport streams: AOM "Carriage of AV1 in MPEG-2 TS" 1.0.1, section 3.2, start-code based format.
namespace weir::ts {

// Walks the units of a payload: `while (auto unit = units.next())`. Each is what stands between two start codes.
class Av1Units {
 public:
  explicit Av1Units(base::Bytes in);
  std::optional<base::Bytes> next();

 private:
  base::Bytes in_;  // behind a start code
};

// Appends an open_bitstream_unit as it was before it was escaped, with a size field; nothing of one that has no header.
void append_av1_obu(base::Bytes escaped, base::Buffer& out);

// An OBU with its start code and escapes, in pieces that follow one another.
template <class Put>
void put_av1_obu(base::Bytes obu, Put put) {
  static constexpr std::array<std::uint8_t, 3> start_code{0, 0, 1};
  static constexpr std::array<std::uint8_t, 1> escape{3};  // emulation_prevention_three_byte
  put(base::Bytes(start_code));
  std::size_t begin = 0, zeros = 0;
  for (std::size_t at = 0; at < obu.size(); ++at) {
    if (zeros >= 2 && obu[at] <= 3) {
      put(obu.subspan(begin, at - begin));
      put(base::Bytes(escape));
      begin = at;
      zeros = 0;
    }
    zeros = obu[at] == 0 ? zeros + 1 : 0;
  }
  put(obu.subspan(begin));
}

}  // namespace weir::ts
