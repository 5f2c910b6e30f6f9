#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "media/codec_id.h"

namespace weir::ps {

// Which codec the parameter sets of a picture are of, a byte stream: their NAL headers and what stands in them, not
// what anybody announced. none: it has none of either, or they cannot be read.
media::Codec video_of_sets(base::Bytes picture);

// Whether a byte stream, cut where a PES packet begins, begins another access unit: a delimiter, a parameter set or the
// first slice of a picture (H.264 7.4.1.2.3, H.265 7.4.2.4.4). False where it begins in the middle of a NAL unit.
bool begins_access_unit(media::Codec codec, base::Bytes payload);
// Whether it has a slice.
bool has_picture(media::Codec codec, base::Bytes payload);

// Which codec audio has that nobody announced. AAC and MPEG audio show their frame headers; of G.711 the two laws are
// told apart by what silence looks like: counted over its payloads until one is clear.
class AudioGuess {
 public:
  // none: not known yet.
  media::Codec look(base::Bytes payload);

 private:
  static constexpr std::size_t enough_bytes = 8'000;  // a second of G.711
  std::size_t seen_ = 0, a_law_ = 0, mu_law_ = 0;
};

}  // namespace weir::ps
