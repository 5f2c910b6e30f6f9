#pragma once

#include <vector>

#include "sound/pcm.h"

namespace weir::sound {

// Any arrangement of channels to one or two, by ITU-R BS.775 (the centre and what is behind at -3 dB, no low channel),
// scaled so that nothing clips. One channel to two and two to one as well.
class Mixer {
 public:
  explicit Mixer(std::uint8_t channels) : channels_(channels) {}
  std::uint8_t channels() const { return channels_; }
  // Replaces `out` by the samples of `in`, in turns.
  void mix(const Pcm& in, std::vector<float>& out);

 private:
  void prepare(const Pcm& in);

  // given
  std::uint8_t channels_;
  // state
  std::uint8_t known_channels_ = 0;
  std::array<Place, most_channels> known_{};
  std::array<std::array<float, most_channels>, 2> gains_{};  // by output and input channel
};

}  // namespace weir::sound
