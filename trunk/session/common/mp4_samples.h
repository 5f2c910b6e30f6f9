#pragma once

#include <vector>

#include "format/mp4/movie.h"
#include "media/frame.h"

namespace weir::session {

// What of a film is played, a track of each kind, in the order of time.
struct Mp4Samples {
  static constexpr std::size_t largest_sample_bytes = 16 * 1024 * 1024;

  struct Item {
    std::uint32_t track = 0;  // index in `tracks`
    std::uint32_t sample = 0;
  };
  media::Tracks tracks;
  std::vector<mp4::MovieTrack> movie;  // beside them
  std::vector<Item> order;

  const mp4::Sample& sample(const Item& item) const { return movie[item.track].samples[item.sample]; }
  // The frame with these bytes.
  media::Frame frame(const Item& item, base::SharedBytes bytes) const;
};

// Tracks of codecs that are not known are left out: there may be none.
Mp4Samples samples_of(mp4::Movie movie);

}  // namespace weir::session
