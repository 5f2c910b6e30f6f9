#pragma once

#include "format/mp4/fragmenter.h"
#include "format/ts/muxer.h"
#include "session/hls/vod_file.h"

namespace weir::session::hls {

// What such tracks are best sent as.
VodFormat best_format(const media::Tracks& tracks);

// The frames of one segment as its bytes. Nobody made the segment before: times are the film's, so that segments
// follow one another all the same, and the counters of a transport stream say that they begin anew.
class VodWriter {
 public:
  VodWriter(const media::Tracks& tracks, VodFormat format);
  void add(const media::Frame& frame);
  // `next` begins the segment behind this one; null: it is the last.
  base::SharedBytes end(const media::Frame* next);

 private:
  VodFormat format_;
  mp4::Fragmenter fragmenter_;
  ts::Muxer muxer_;
  base::Buffer out_;
};

}  // namespace weir::session::hls
