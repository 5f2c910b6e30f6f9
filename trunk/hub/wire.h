#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "media/codec_id.h"

namespace weir::hub {

// A serialisation that players ask for: FLV, RTMP, ... The numbers are given out in pack/formats.h; the hub knows none.
enum class FormatId : std::uint8_t {};

// One message of one format, ready to write: the same bytes for every player. Neighbours usually adjoin in memory
// (base::Slab), so that many leave as one buffer.
struct Wire {
  base::SharedBytes bytes;
  base::SharedBytes setup;  // at an entry: what a newcomer needs before it, stamped with its time (sequence headers)
  base::Ticks dts{};
  media::Kind kind = media::Kind::data;
  bool entry = false;      // a newcomer may start here,
  std::uint32_t lead = 0;  // or rather so many messages before, which it is sent at once
};

}  // namespace weir::hub
