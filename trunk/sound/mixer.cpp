#include "sound/mixer.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace weir::sound {
namespace {

constexpr float full = 1.0F, lowered = 0.70710678F, half = 0.5F;

// What of a channel goes to the left and to the right.
std::pair<float, float> share_of(Place place) {
  switch (place) {
    case Place::front_left:
    case Place::left_of_centre:
      return {full, 0};
    case Place::front_right:
    case Place::right_of_centre:
      return {0, full};
    case Place::centre:
      return {lowered, lowered};
    case Place::back_left:
    case Place::side_left:
      return {lowered, 0};
    case Place::back_right:
    case Place::side_right:
      return {0, lowered};
    case Place::back_centre:
      return {half, half};
    case Place::low:
      return {0, 0};
    case Place::other:
      break;
  }
  return {half, half};
}

}  // namespace

void Mixer::prepare(const Pcm& in) {
  known_channels_ = in.channels;
  known_ = in.places;
  for (auto& row : gains_) row.fill(0);
  if (in.channels == 1) {
    gains_[0][0] = gains_[1][0] = full;
    return;
  }
  for (std::size_t i = 0; i < in.channels; ++i) std::tie(gains_[0][i], gains_[1][i]) = share_of(in.places[i]);
  if (channels_ == 1) {
    for (std::size_t i = 0; i < in.channels; ++i) gains_[0][i] = (gains_[0][i] + gains_[1][i]) / 2;
  }
  float most = full;
  for (std::size_t o = 0; o < channels_; ++o) {
    most = std::max(most, std::accumulate(gains_[o].begin(), gains_[o].end(), 0.0F));
  }
  for (auto& row : gains_) {
    for (float& gain : row) gain /= most;
  }
}

void Mixer::mix(const Pcm& in, std::vector<float>& out) {
  if (in.channels != known_channels_ || in.places != known_) prepare(in);
  const std::size_t count = in.count();
  out.resize(count * channels_);
  if (in.channels == channels_ && gains_[0][0] == full && (channels_ == 1 || gains_[1][1] == full)) {
    std::copy_n(in.samples.begin(), out.size(), out.begin());
    return;
  }
  const float* from = in.samples.data();
  float* to = out.data();
  for (std::size_t n = 0; n < count; ++n, from += in.channels) {
    for (std::size_t o = 0; o < channels_; ++o) {
      float sum = 0;
      for (std::size_t i = 0; i < in.channels; ++i) sum += gains_[o][i] * from[i];
      *to++ = sum;
    }
  }
}

}  // namespace weir::sound
