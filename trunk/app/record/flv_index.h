#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "format/mp4/movie.h"

namespace weir::record {

// A file that is made of another: `head`, then `ranges` of that file in order.
struct Rearranged {
  base::Buffer head;
  std::vector<mp4::Range> ranges;
  base::Ticks duration{};
};

// An FLV whose metadata has what players seek by: duration, filesize, lasttimestamp, and `keyframes` with their times
// and filepositions, at most a few thousand; without video a place each second. Reads the file's tags through, at its
// own pace, and ends with the last that is whole. `file` is open for reading; this waits for the disk. Fails if it is
// no FLV or its metadata cannot be read.
base::Result<Rearranged> plan_flv_index(int file);

}  // namespace weir::record
