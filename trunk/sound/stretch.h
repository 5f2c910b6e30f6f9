#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace weir::sound {

// Makes sound longer or shorter by single samples, one in each block, by interpolation: what a clock runs slow or fast
// is made good without a click. At rest it passes on what it gets.
class Stretch {
 public:
  explicit Stretch(std::uint8_t channels) : channels_(channels) {}

  // From now on so many samples more (fewer if negative) are to come out than go in, one in each `block` samples.
  void set(std::int64_t samples, std::size_t block) {
    due_ = samples;
    block_ = block;
  }
  // Channels in turns. Appends to `out`; how many samples more came out than went in: -1, 0, 1 for each block.
  std::int64_t put(std::span<const float> in, std::vector<float>& out);

 private:
  // given
  std::uint8_t channels_;
  // state
  std::int64_t due_ = 0;
  std::size_t block_ = 480;
};

}  // namespace weir::sound
