#pragma once

#include <memory>

#include "sound/codec.h"

struct OpusEncoder;
struct OpusMSDecoder;

// Opus, by libopus.
namespace weir::sound::opus {

inline constexpr std::uint32_t rate = 48'000;
inline constexpr std::size_t frame_samples = 960;  // 20 ms
inline constexpr std::size_t lookahead = 312;      // of libopus at 48 kHz, in its general mode

class Decoder final : public AudioDecoder {
 public:
  // By OpusHead (RFC 7845 5.1); stereo if that is empty. Errc::bad_format for layouts that nobody uses.
  static base::Result<std::unique_ptr<AudioDecoder>> make(base::Bytes head);
  base::Result<void> decode(base::Bytes packet, Pcm& out) override;
  void conceal(std::size_t count, Pcm& out) override;

 private:
  struct Close {
    void operator()(OpusMSDecoder* decoder) const;
  };
  Decoder(OpusMSDecoder* decoder, std::uint8_t channels) : decoder_(decoder), channels_(channels) {}
  void describe(Pcm& out) const;

  std::unique_ptr<OpusMSDecoder, Close> decoder_;
  std::uint8_t channels_;
};

class Encoder final : public AudioEncoder {
 public:
  // 48 kHz, mono or stereo.
  static base::Result<std::unique_ptr<AudioEncoder>> make(const EncoderFormat& format);
  std::size_t frame_samples() const override { return opus::frame_samples; }
  std::size_t lookahead() const override { return opus::lookahead; }
  base::Result<void> encode(std::span<const float> samples, std::vector<base::SharedBytes>& out) override;

 private:
  struct Close {
    void operator()(OpusEncoder* encoder) const;
  };
  Encoder(OpusEncoder* encoder, std::uint8_t channels) : encoder_(encoder), channels_(channels) {}

  std::unique_ptr<OpusEncoder, Close> encoder_;
  std::uint8_t channels_;
};

}  // namespace weir::sound::opus
