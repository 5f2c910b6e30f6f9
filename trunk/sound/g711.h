#pragma once

#include <cstdint>
#include <memory>

#include "media/codec_id.h"
#include "sound/codec.h"

// G.711: ITU-T G.711 tables 1a and 2a. 8 kHz, one byte a sample.
namespace weir::sound::g711 {

enum class Law : std::uint8_t { a, mu };
inline constexpr std::uint32_t sample_rate = 8'000;
inline constexpr std::size_t frame_samples = 160;  // 20 ms, that an encoder makes

// Of pcma and pcmu.
constexpr Law law_of(media::Codec codec) { return codec == media::Codec::pcmu ? Law::mu : Law::a; }
constexpr bool is_g711(media::Codec codec) { return codec == media::Codec::pcma || codec == media::Codec::pcmu; }

// One sample of 16 bits, full scale.
std::int16_t expand(Law law, std::uint8_t code);
std::uint8_t compress(Law law, std::int16_t sample);

class Decoder final : public AudioDecoder {
 public:
  Decoder(Law law, std::uint32_t rate, std::uint8_t channels);
  base::Result<void> decode(base::Bytes packet, Pcm& out) override;

 private:
  Law law_;
  std::uint32_t rate_;
  std::uint8_t channels_;
};

// 8 kHz mono alone: what telephones and loudspeakers of cameras take.
class Encoder final : public AudioEncoder {
 public:
  // Errc::bad_format for anything else.
  static base::Result<std::unique_ptr<AudioEncoder>> make(Law law, const EncoderFormat& format);
  std::size_t frame_samples() const override { return g711::frame_samples; }
  std::size_t lookahead() const override { return 0; }
  base::Result<void> encode(std::span<const float> samples, std::vector<base::SharedBytes>& out) override;

 private:
  explicit Encoder(Law law) : law_(law) {}

  Law law_;
};

}  // namespace weir::sound::g711
