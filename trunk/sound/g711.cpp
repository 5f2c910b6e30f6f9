#include "sound/g711.h"

#include <algorithm>
#include <cmath>

#include "sound/error.h"

namespace weir::sound::g711 {
namespace {

using Table = std::array<std::int16_t, 256>;

// Table 1a: sign, three bits of segment, four of step; even bits inverted.
constexpr std::int16_t expand_a(unsigned code) {
  code ^= 0x55U;
  const unsigned segment = code >> 4 & 7;
  int value = static_cast<int>((code & 15) << 4) + 8;
  if (segment > 0) value = (value + 0x100) << (segment - 1);
  return static_cast<std::int16_t>((code & 0x80) != 0 ? value : -value);
}

// Table 2a: all bits inverted; a bias of 33 steps, here of 16 bits.
constexpr int bias = 0x84;
constexpr std::int16_t expand_mu(unsigned code) {
  code = ~code & 0xffU;
  const int value = (static_cast<int>((code & 15) << 3) + bias) << (code >> 4 & 7);
  return static_cast<std::int16_t>((code & 0x80) != 0 ? bias - value : value - bias);
}

constexpr Table table_of(std::int16_t (*expand_one)(unsigned)) {
  Table out{};
  for (unsigned code = 0; code < out.size(); ++code) out[code] = expand_one(code);
  return out;
}

constexpr Table a_law = table_of(expand_a);
constexpr Table mu_law = table_of(expand_mu);

// The segment of a magnitude: how many bits it has above the lowest segment's.
constexpr unsigned segment_of(unsigned magnitude) {
  unsigned segment = 0;
  while (segment < 7 && magnitude >> (segment + 8) != 0) ++segment;
  return segment;
}

}  // namespace

std::int16_t expand(Law law, std::uint8_t code) { return law == Law::a ? a_law[code] : mu_law[code]; }

std::uint8_t compress(Law law, std::int16_t sample) {
  const bool negative = sample < 0;
  if (law == Law::a) {
    const auto magnitude = static_cast<unsigned>(negative ? ~sample : sample);
    const unsigned segment = segment_of(magnitude);
    const unsigned step = magnitude >> (segment > 0 ? segment + 3 : 4) & 15;
    return static_cast<std::uint8_t>(((negative ? 0U : 0x80U) | segment << 4 | step) ^ 0x55U);
  }
  const int most = 32'635;
  const auto magnitude = static_cast<unsigned>(std::min(negative ? -int{sample} : int{sample}, most) + bias);
  const unsigned segment = segment_of(magnitude);
  const unsigned step = magnitude >> (segment + 3) & 15;
  return static_cast<std::uint8_t>(~((negative ? 0x80U : 0U) | segment << 4 | step));
}

Decoder::Decoder(Law law, std::uint32_t rate, std::uint8_t channels)
    : law_(law), rate_(rate == 0 ? 8000 : rate), channels_(channels == 2 ? 2 : 1) {}

base::Result<void> Decoder::decode(base::Bytes packet, Pcm& out) {
  const Table& table = law_ == Law::a ? a_law : mu_law;
  out.rate = rate_;
  out.channels = channels_;
  out.places = {channels_ == 1 ? Place::centre : Place::front_left, Place::front_right};
  out.samples.clear();
  if (packet.empty() || packet.size() % channels_ != 0) return Errc::bad_packet;
  out.samples.reserve(packet.size());
  for (const std::uint8_t code : packet) out.samples.push_back(static_cast<float>(table[code]) / 32'768.0F);
  return {};
}

base::Result<std::unique_ptr<AudioEncoder>> Encoder::make(Law law, const EncoderFormat& format) {
  if (format.rate != sample_rate || format.channels != 1) return Errc::bad_format;
  return std::unique_ptr<AudioEncoder>(new Encoder(law));
}

base::Result<void> Encoder::encode(std::span<const float> samples, std::vector<base::SharedBytes>& out) {
  std::array<std::uint8_t, g711::frame_samples> bytes{};
  if (samples.size() != bytes.size()) return Errc::encoder;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    // What a resampler overshoots is cut, and no number at all is silence.
    const float value = std::isnan(samples[i]) ? 0.0F : std::clamp(samples[i], -1.0F, 1.0F);
    bytes[i] = compress(law_, static_cast<std::int16_t>(std::lrint(value * 32'767.0F)));
  }
  out.push_back(base::SharedBytes::copy_of(base::Bytes(bytes)));
  return {};
}

}  // namespace weir::sound::g711
