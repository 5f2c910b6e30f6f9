#include "hub/input_box.h"

#include <algorithm>

namespace weir::hub {

bool InputBox::put(InputLetter letter) {
  if (letter.kind == InputLetter::Kind::tracks) {
    has_video_ = std::any_of(letter.tracks.begin(), letter.tracks.end(), [](const media::Track& track) {
      return media::kind_of(track.parameters->codec) == media::Kind::video;
    });
  }
  if (letter.frame) {
    const std::size_t weight = weight_of(*letter.frame);
    const bool full = bytes_.load(std::memory_order_relaxed) + weight > most_bytes;
    const bool starts = !has_video_ || (letter.frame->key && letter.frame->track == media::TrackId::video);
    if (full || (dropping_ && !starts)) {
      dropping_ = true;
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    dropping_ = false;
    bytes_.fetch_add(weight, std::memory_order_relaxed);
  }
  return box_.put(std::move(letter));
}

}  // namespace weir::hub
