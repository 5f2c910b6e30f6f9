#include "media/silence.h"

#include <algorithm>
#include <array>

#include "codec/aac.h"

namespace weir::media {

namespace {

// RFC 6716 3.1: one frame of CELT, full band, 20 ms; it holds as little as there can be.
constexpr std::array<std::uint8_t, 3> opus_silence{0xf8, 0xff, 0xfe};
constexpr std::uint32_t silent_opus_samples = 960, silent_opus_rate = 48'000;
constexpr std::uint8_t mu_law_zero = 0xff, a_law_zero = 0xd5;  // G.711

std::optional<Silence> silence_of_aac(const CodecParameters& parameters) {
  const auto configuration = codec::aac::parse_configuration(parameters.extradata);
  if (!configuration || configuration->sample_rate == 0) return std::nullopt;
  const base::Buffer unit = codec::aac::silent_unit(*configuration);
  if (unit.empty()) return std::nullopt;
  return Silence{base::SharedBytes::copy_of(unit), configuration->frame_samples, configuration->sample_rate};
}

// 20 ms.
std::optional<Silence> silence_of_g711(const CodecParameters& parameters, std::uint8_t zero) {
  const std::uint32_t rate = parameters.sample_rate != 0 ? parameters.sample_rate : 8000;
  const std::uint32_t samples = rate / 50;
  base::Buffer unit;
  for (std::uint32_t i = 0; i < samples * std::max<std::uint32_t>(parameters.channels, 1); ++i) unit.append(zero);
  return Silence{base::SharedBytes::copy_of(unit), samples, rate};
}

}  // namespace

std::optional<Silence> silence_of(const CodecParameters& parameters) {
  switch (parameters.codec) {
    case Codec::aac:
      return silence_of_aac(parameters);
    case Codec::opus:
      if (parameters.channels > 2) return std::nullopt;
      return Silence{base::SharedBytes::copy_of(opus_silence), silent_opus_samples, silent_opus_rate};
    case Codec::pcma:
      return silence_of_g711(parameters, a_law_zero);
    case Codec::pcmu:
      return silence_of_g711(parameters, mu_law_zero);
    default:
      return std::nullopt;
  }
}

}  // namespace weir::media
