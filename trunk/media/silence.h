#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "media/track.h"

namespace weir::media {

// An access unit in which nothing is heard, to be sent over and over.
struct Silence {
  base::SharedBytes payload;
  std::uint32_t samples = 0, rate = 0;  // of one unit; Hz

  // Where unit `number` begins, from the begin of unit 0.
  base::Ticks at(std::int64_t number) const { return base::Ticks(number * base::Ticks::period::den * samples / rate); }
};

// For a decoder that runs with these parameters: AAC of one to seven plain channels, Opus of one or two, G.711. None
// for others.
std::optional<Silence> silence_of(const CodecParameters& parameters);

}  // namespace weir::media
