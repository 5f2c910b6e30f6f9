#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "format/ts/access_unit.h"
#include "media/frame.h"
#include "media/track.h"

namespace weir::ps {

// Makes a program stream of frames, as platforms of GB/T 28181 take it: a pack for each frame; system header and stream
// map before key frames and where tracks change; PES packets of at most 65,535 bytes, with the time in the first of a
// frame. One for each receiver; single-threaded.
class Muxer {
 public:
  struct Options {
    base::Ticks lead = std::chrono::milliseconds(200);  // the pack's clock before a frame's time
    base::Ticks offset = std::chrono::seconds(1);       // added to all times, so that none is below zero
    std::size_t most_pes_payload = 65'000;              // per packet; at most 65,516
  };
  Muxer() : Muxer(Options{}) {}
  explicit Muxer(Options options) : options_(options) {}

  // From the next frame on. Those that a program stream cannot carry, and all but the first of each kind, are left out.
  void set_tracks(const media::Tracks& tracks);
  bool carries(media::TrackId id) const;
  // System header and stream map stand before the next frame, whatever it is: a receiver begins there.
  void tell_streams() { map_due_ = true; }

  // Appends the frame's pack; false for a frame that is not carried, or is empty.
  bool write(const media::Frame& frame, base::Buffer& out);

 private:
  struct Stream {
    media::TrackId id{};
    std::uint8_t stream_id = 0, type = 0;
    ts::AccessUnitWriter unit;
  };
  void write_pack_header(base::Ticks clock, base::Buffer& out) const;
  void write_system_header(base::Buffer& out) const;
  void write_map(base::Buffer& out) const;

  // given
  Options options_;

  // owned
  std::vector<Stream> streams_;
  base::Buffer unit_;  // of the frame in hand

  // state
  bool map_due_ = true;
  std::uint8_t version_ = 0;
};

}  // namespace weir::ps
