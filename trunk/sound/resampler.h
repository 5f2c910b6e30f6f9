#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace weir::sound {

// From one sample rate to another by a ratio of whole numbers: a bank of windowed sincs. Output sample n stands exactly
// at n * from / to of the input, without delay and without drift; the filter looks half its length ahead, so that much
// of the end comes with flush() only.
class Resampler {
 public:
  // Rates of 4 to 192 kHz whose ratio has a numerator of at most 1280; 8, 11.025, 44.1 kHz to 48 and the like do.
  static bool can(std::uint32_t from, std::uint32_t to);
  Resampler(std::uint32_t from, std::uint32_t to, std::uint8_t channels);

  // Channels in turns. Appends what can be told already.
  void put(std::span<const float> samples, std::vector<float>& out);
  // The end of the input: appends the rest, as if silence followed, and begins anew.
  void flush(std::vector<float>& out);

 private:
  void begin();
  void make_bank();
  void produce(std::vector<float>& out);

  // given
  std::uint32_t up_, down_;  // the ratio, cancelled
  std::uint8_t channels_;
  // owned
  std::size_t taps_ = 0;
  std::vector<float> bank_;     // taps_ of each of up_ phases
  std::vector<float> waiting_;  // input from `at_` - taps_ / 2 on
  // state
  std::size_t at_ = 0;       // in waiting_: the input sample at or before the next output,
  std::uint32_t phase_ = 0;  // which stands so many up_-ths behind it
  std::int64_t taken_ = 0, given_ = 0;
};

}  // namespace weir::sound
