#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "format/mp4/lane.h"
#include "format/mp4/movie_boxes.h"
#include "media/frame.h"
#include "media/track.h"

namespace weir::mp4 {

struct MovieTrack {
  TrackHead head;
  base::Buffer sample_entry;  // with its header
  std::vector<Sample> samples;
  // As it was read: what its edit list adds to all times, in its time scale. A reader that plays tracks together adds
  // it.
  std::int64_t shift = 0;
};

// What a file holds: where each sample is, and when.
struct Movie {
  std::vector<MovieTrack> tracks;
};

// A part of a file that is copied into another.
struct Range {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// moov with sample tables (8.6, 8.7), as small as it gets: with each sample's offset moved by `shift`. Tracks that
// begin later than the first get an edit list.
base::Buffer write_moov(const Movie& movie, std::int64_t shift = 0);

// A file with its tables in front, made of another whose samples lie anywhere: write `head`, then copy `ranges` in
// order.
struct FastStart {
  base::Buffer head;  // ftyp, moov, and the head of mdat
  std::vector<Range> ranges;
  std::uint64_t data_bytes = 0;
};
base::Result<FastStart> plan_fast_start(Movie movie);

// Writes a regular file front to back: head, samples as they come, tables at the end. Where the size of the data goes
// is told at the end; without it, until then, a reader takes the rest of the file for data.
class MovieWriter {
 public:
  static constexpr std::size_t largest_samples = 50'000'000;

  // Tracks that cannot be carried are left out.
  explicit MovieWriter(const media::Tracks& tracks);

  void begin(base::Buffer& out);
  // Appends the frame's bytes. False for a frame of another track, without bytes, or beyond the limit.
  bool add(const media::Frame& frame, base::Buffer& out);
  struct End {
    base::Buffer moov;           // behind the samples
    std::uint64_t patch_at = 0;  // write this there, over what begin() wrote
    base::Buffer data_box_head;
  };
  base::Result<End> finish();

 private:
  struct Track {
    media::Track given;
    Lane lane;
    base::SharedBytes first_frame;
    std::vector<Sample> samples;
  };
  std::vector<Track> tracks_;
  std::uint64_t position_ = 0;
  std::uint64_t data_start_ = 0;
  std::size_t samples_ = 0;
};

}  // namespace weir::mp4
