#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include "media/frame.h"
#include "sound/codecs.h"
#include "sound/transcoder.h"

// Sound for tests: made, coded, decoded again and measured.
namespace weir::test {

inline float tone_at(double hertz, double seconds, double level = 0.25) {
  return static_cast<float>(level * std::sin(2 * std::numbers::pi * hertz * seconds));
}

// From 300 Hz to 3 kHz and up again in each second: shifted, it is like itself nowhere near.
inline float chirp_at(double seconds, double level = 0.25) {
  const double t = seconds - std::floor(seconds);
  return static_cast<float>(level * std::sin(2 * std::numbers::pi * (300 * t + 1350 * t * t)));
}

inline double level_of(const std::vector<float>& samples, std::size_t begin, std::size_t end) {
  double sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += double{samples[i]} * samples[i];
  return std::sqrt(sum / static_cast<double>(end - begin));
}

// What of `samples` swings at that frequency: its level, as level_of().
inline double level_at(const std::vector<float>& samples, std::size_t begin, std::size_t end, double hertz,
                       double rate) {
  double re = 0, im = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
    re += samples[i] * std::cos(phase);
    im += samples[i] * std::sin(phase);
  }
  return std::sqrt(2.0) * std::hypot(re, im) / static_cast<double>(end - begin);
}

// By how many samples `heard` lies behind `meant`, within `most` both ways: the peak of their correlation.
inline int delay_of(const std::vector<float>& meant, const std::vector<float>& heard, std::size_t begin,
                    std::size_t end, int most) {
  int best = 0;
  double peak = -1;
  for (int shift = -most; shift <= most; ++shift) {
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) {
      sum += double{meant[i]} * heard[static_cast<std::size_t>(static_cast<std::int64_t>(i) + shift)];
    }
    if (sum > peak) {
      peak = sum;
      best = shift;
    }
  }
  return best;
}

inline base::Ticks ticks_at(std::int64_t sample, std::uint32_t rate) {
  return base::Ticks(sample * 90'000 / static_cast<std::int64_t>(rate));
}

// Codes `sound(seconds, channel)` from `begin` on: frames with the times at which their sound is to be heard.
template <class Sound>
std::vector<media::Frame> coded(sound::AudioEncoder& encoder, media::Codec codec, std::uint32_t rate,
                                std::uint8_t channels, base::Ticks begin, std::size_t frames, Sound sound) {
  std::vector<media::Frame> out;
  std::vector<base::SharedBytes> packets;
  std::int64_t packet = 0;
  const std::size_t size = encoder.frame_samples();
  for (std::size_t k = 0; k < frames; ++k) {
    std::vector<float> pcm;
    for (std::size_t n = 0; n < size; ++n) {
      for (std::uint8_t c = 0; c < channels; ++c) {
        pcm.push_back(sound(static_cast<double>(k * size + n) / rate, c));
      }
    }
    packets.clear();
    if (!encoder.encode(pcm, packets)) return {};
    for (base::SharedBytes& bytes : packets) {
      const std::int64_t at =
          packet++ * static_cast<std::int64_t>(size) - static_cast<std::int64_t>(encoder.lookahead());
      const base::Ticks time = begin + ticks_at(at, rate);
      if (time >= base::Ticks{}) out.push_back({.codec = codec, .dts = time, .payload = std::move(bytes)});
    }
  }
  return out;
}

// Decodes frames to one line of samples at 48 kHz that begins at time zero: silence where no frame is.
inline std::vector<float> heard(sound::AudioDecoder& decoder, const std::vector<media::Frame>& frames,
                                std::size_t channel = 0) {
  std::vector<float> line;
  sound::Pcm pcm;
  for (const media::Frame& frame : frames) {
    if (!decoder.decode(frame.payload, pcm) || pcm.channels <= channel) continue;
    const auto at = static_cast<std::size_t>(std::llround(static_cast<double>(frame.dts.count()) * pcm.rate / 90'000));
    if (line.size() < at + pcm.count()) line.resize(at + pcm.count());
    for (std::size_t n = 0; n < pcm.count(); ++n) line[at + n] = pcm.samples[n * pcm.channels + channel];
  }
  return line;
}

// The core with the plug-in of this build, if there is one.
inline sound::Codecs all_codecs() {
#ifdef WEIR_PLUGIN_FILE
  std::string reason;
  if (auto plugin = sound::Plugin::load(WEIR_PLUGIN_FILE, reason)) {
    return sound::Codecs(std::make_shared<const sound::Plugin>(*plugin));
  }
#endif
  return {};
}

inline media::CodecParameters parameters_of(media::Codec codec, std::uint32_t rate, std::uint8_t channels,
                                            base::Bytes extradata = {}) {
  media::CodecParameters p;
  p.codec = codec;
  p.sample_rate = rate;
  p.channels = channels;
  if (!extradata.empty()) p.extradata = base::SharedBytes::copy_of(extradata);
  return p;
}

}  // namespace weir::test
