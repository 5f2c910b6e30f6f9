#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/probe/track_meter.h"
#include "base/bytes.h"
#include "base/clock_unwrap.h"
#include "format/flv/demuxer.h"
#include "format/flv/ingest.h"
#include "format/ts/analyzer.h"
#include "format/ts/demuxer.h"

namespace weir::probe {

// Reads MPEG-TS or FLV, as the first bytes say, and keeps figures alone.
class Probe {
 public:
  // False once nothing more can be read: fault() says why.
  bool input(base::Bytes in);
  void finish();

  std::uint64_t bytes() const { return bytes_; }
  // Null for FLV.
  const ts::Analyzer* analyzer() const { return ts_ ? &ts_->analyzer : nullptr; }
  bool is_flv() const { return flv_ != nullptr; }
  // Of the program that a server would play.
  const std::map<media::TrackId, TrackMeter>& tracks() const { return tracks_; }
  // Messages of FLV that gave no frame.
  std::uint64_t malformed() const { return flv_ ? flv_->ingest.counts().malformed : 0; }
  // In words; empty: all of it was read.
  const std::string& fault() const { return fault_; }

 private:
  struct Ts {
    ts::Analyzer analyzer;
    ts::Demuxer demuxer;
  };
  struct Flv {
    flv::Demuxer demuxer;
    flv::Ingest ingest;
    base::MillisUnwrap clock;
    flv::Yield yield;
  };
  void choose();
  void read(base::Bytes in);
  void drain_ts();
  void drain_flv();
  void adopt(const media::Tracks& tracks);

  base::Buffer head_;  // until the format is known
  std::unique_ptr<Ts> ts_;
  std::unique_ptr<Flv> flv_;
  std::map<media::TrackId, TrackMeter> tracks_;
  std::uint64_t bytes_ = 0;
  std::string fault_;
};

}  // namespace weir::probe
