#pragma once

#include <cstdint>
#include <deque>
#include <utility>

#include "base/bytes.h"
#include "format/mp4/lane.h"

namespace weir::mp4 {

// What a track takes: the most of one second, and all of it together. Of a stream that goes on, of what came so far.
class RateMeter {
 public:
  void add(const Sample& sample, std::uint32_t timescale);
  // The sample entry with a bit rate box at its end (btrt, 14496-12 8.5.2.2), in place of one that is there; as it is
  // while nothing was measured.
  base::Buffer told_in(base::Bytes sample_entry, std::uint32_t timescale) const;

 private:
  std::deque<std::pair<std::int64_t, std::uint32_t>> second_;  // dts and size of the samples of the last one
  std::uint64_t all_ = 0, window_ = 0, most_ = 0;              // bytes
  std::int64_t begin_ = 0, end_ = 0;
};

}  // namespace weir::mp4
