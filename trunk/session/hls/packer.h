#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "format/id3/event.h"
#include "media/frame.h"
#include "media/track.h"
#include "session/hls/dating.h"

namespace weir::session::hls {

// Bytes of one output: all tracks together for HLS, one track for DASH.
struct Piece {
  media::TrackId track = media::TrackId::video;  // the first one in it
  base::SharedBytes bytes;
  // In the time scale of a single track; zero where tracks share the output.
  std::uint64_t start = 0, duration = 0;
  // Of a segment: from its begin to the end of its first picture, if that is a key frame; else 0.
  std::size_t picture_bytes = 0;
};
using Pieces = std::vector<Piece>;

// Where a part or segment ends.
struct Ending {
  const media::Frame* next = nullptr;  // the frame that follows, null at the end of the stream
  base::Ticks at{};                    // in the leading track's time
  // The next frame of each video track is still to come, so that nobody knows how long its last one lasts.
  bool open = false;
  bool last = false;    // of the segment, where it is a part that ends
  base::Ticks begin{};  // of the part, and when that came in
  WallTime date{};
};

// Turns the frames of a segment into bytes of its format. Does not decide where to cut. Lives on the source's worker.
class Packer {
 public:
  virtual ~Packer() = default;

  // The tracks from the next segment on; what cannot be carried is left out.
  virtual void set_tracks(const media::Tracks& tracks) = 0;
  virtual bool carries(media::TrackId id) const = 0;
  // Whether the format has a place for such a track at all.
  virtual bool can_carry(const media::Track& track) const = 0;
  virtual void begin_segment(bool discontinuity) = 0;
  virtual void add(const media::Frame& frame) = 0;
  // Timed metadata, into the open segment.
  virtual void add_event(const id3::Event& event) = 0;
  // Of what is gathered since the segment began.
  virtual std::size_t bytes() const = 0;
  // Ends a part: what came since the last one; never without bytes where tracks share the output.
  virtual Pieces end_part(const Ending& ending) = 0;
  // Ends the segment: the whole of it, its parts included.
  virtual Pieces end_segment(const Ending& ending) = 0;
  // True if the last frame of a video goes into the next part where the ending is open: its duration has to be told.
  virtual bool holds_back() const = 0;
  // Initialisation segments, one for each output; none for a format without, or while a codec is not described.
  virtual Pieces init() const = 0;
  // Units a second of Piece::start; 0 where tracks share the output.
  virtual std::uint32_t timescale(media::TrackId id) const = 0;
};

std::unique_ptr<Packer> make_ts_packer(bool low_latency, bool count_samples);
// One fragmented file of all tracks.
std::unique_ptr<Packer> make_fmp4_packer();
// A file for each track: CMAF (ISO 23000-19). `dated`: each chunk says when it came in.
std::unique_ptr<Packer> make_cmaf_packer(bool dated = false);

}  // namespace weir::session::hls
