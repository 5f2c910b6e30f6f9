#pragma once

#include <cstdint>

#include "sound/codec.h"

// G.711: ITU-T G.711 tables 1a and 2a. 8 kHz, one byte a sample.
namespace weir::sound::g711 {

enum class Law : std::uint8_t { a, mu };

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

}  // namespace weir::sound::g711
