#include "sound/stretch.h"

#include <algorithm>

namespace weir::sound {

std::int64_t Stretch::put(std::span<const float> in, std::vector<float>& out) {
  std::int64_t gained = 0;
  std::size_t count = in.size() / channels_;
  const float* from = in.data();
  constexpr std::size_t shortest = 96;  // of a block, where less comes at once than was asked for
  const std::size_t block = std::clamp(count, shortest, std::max(shortest, block_));
  while (due_ != 0 && count >= block) {
    const std::int64_t step = due_ > 0 ? 1 : -1;
    const std::size_t made = static_cast<std::size_t>(static_cast<std::int64_t>(block) + step);
    // First and last sample stay where they are, so that blocks adjoin.
    const double pace = static_cast<double>(block - 1) / static_cast<double>(made - 1);
    for (std::size_t n = 0; n < made; ++n) {
      const double at = static_cast<double>(n) * pace;
      const std::size_t left = std::min(static_cast<std::size_t>(at), block - 2);
      const auto share = static_cast<float>(at - static_cast<double>(left));
      for (std::size_t c = 0; c < channels_; ++c) {
        const float a = from[left * channels_ + c], b = from[(left + 1) * channels_ + c];
        out.push_back(a + (b - a) * share);
      }
    }
    due_ -= step;
    gained += step;
    from += block * channels_;
    count -= block;
  }
  out.insert(out.end(), from, from + count * channels_);
  return gained;
}

}  // namespace weir::sound
