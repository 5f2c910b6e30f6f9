#include <cstdint>

#include "sound/transcoder.h"

// Frames of any codec that the core decodes, with any payload and any time, become frames of Opus whose time grows. A
// byte of header says codec and channels; then each frame: two bytes of distance in time, how it is used, a length.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  using media::Codec;
  if (size < 2 || size > 4096) return 0;
  constexpr std::array codecs{Codec::opus, Codec::pcma, Codec::pcmu, Codec::aac};
  sound::Recipe recipe{.to = Codec::opus, .bitrate_bps = 32'000, .fill_gaps = (data[0] & 4) != 0};
  recipe.from.codec = codecs[data[0] & 3];
  recipe.from.channels = static_cast<std::uint8_t>(1 + (data[0] >> 3 & 1));
  recipe.from.sample_rate = (data[0] & 16) != 0 ? 8000 : 44'100;
  std::size_t at = 1;
  const std::size_t extradata = std::min<std::size_t>(data[0] >> 5 != 0 ? data[1] % 64U : 0, size - 2);
  if (extradata > 0) {
    recipe.from.extradata = base::SharedBytes::copy_of({data + 2, extradata});
    at = 2 + extradata;
  }
  auto made = sound::Transcoder::make(sound::Codecs(), recipe);
  if (!made) return 0;
  std::vector<media::Frame> out;
  base::Ticks time{};
  while (size - at >= 4) {
    const auto step = static_cast<std::int16_t>(data[at] << 8 | data[at + 1]);
    const std::uint8_t use = data[at + 2];
    const std::size_t length = std::min<std::size_t>(data[at + 3], size - at - 4);
    time += base::Ticks(std::int64_t{step} * ((use & 16) != 0 ? 1'000'000'000'000 : 10));
    if (time.count() > 1ll << 60 || time.count() < -(1ll << 60)) time = {};
    if ((use & 3) == 3) {
      (*made)->flush(out);
    } else if ((use & 3) == 2) {
      (*made)->advance(time, out);
    } else {
      (*made)->put(
          {.codec = recipe.from.codec, .dts = time, .payload = base::SharedBytes::copy_of({data + at + 4, length})},
          out);
    }
    at += 4 + length;
  }
  (*made)->flush(out);
  for (std::size_t i = 1; i < out.size(); ++i) {
    if (out[i].dts <= out[i - 1].dts) __builtin_trap();
  }
  return 0;
}
