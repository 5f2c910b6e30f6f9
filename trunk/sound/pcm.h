#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace weir::sound {

// Where a channel's loudspeaker stands. The numbers are the bits of a WAVE channel mask (and libavcodec's).
enum class Place : std::uint8_t {
  front_left = 0,
  front_right = 1,
  centre = 2,
  low = 3,
  back_left = 4,
  back_right = 5,
  left_of_centre = 6,
  right_of_centre = 7,
  back_centre = 8,
  side_left = 9,
  side_right = 10,
  other = 63,
};

inline constexpr std::size_t most_channels = 8;

// Decoded sound: samples of all channels in turns, full scale 1.0.
struct Pcm {
  std::uint32_t rate = 0;  // Hz
  std::uint8_t channels = 0;
  std::array<Place, most_channels> places{};
  std::vector<float> samples;

  // Of each channel.
  std::size_t count() const { return channels == 0 ? 0 : samples.size() / channels; }
};

}  // namespace weir::sound
