#pragma once

#include <memory>
#include <string>
#include <vector>

#include "media/frame.h"
#include "session/hls/segmenter.h"
#include "support/bytes.h"

// Streams for the tests of the segmenter and what stands behind it.
namespace weir::test {

inline media::Track h264_track(std::uint32_t generation = 0) {
  auto codec = std::make_shared<media::CodecParameters>();
  codec->codec = media::Codec::h264;
  // ISO 14496-15 5.3.3.1.2: Baseline 3.0, four bytes of length, one SPS and one PPS
  codec->extradata = base::SharedBytes::copy_of(bytes("01 42001e ff e1 0004 6742001e 01 0004 68ce3c80"));
  codec->width = 640;
  codec->height = 360;
  return {media::TrackId::video, generation, codec};
}
inline media::Track aac_track(std::uint32_t generation = 0) {
  auto codec = std::make_shared<media::CodecParameters>();
  codec->codec = media::Codec::aac;
  codec->extradata = base::SharedBytes::copy_of(bytes("12 10"));  // AAC-LC, 44100 Hz, stereo
  codec->sample_rate = 44'100;
  codec->channels = 2;
  return {media::TrackId::audio, generation, codec};
}
inline media::Frame video_frame(std::int64_t ms, bool key, std::size_t size = 200) {
  base::Buffer payload(size);
  std::fill_n(payload.data(), size, std::uint8_t{0x55});
  const std::uint8_t head[] = {0, 0, 0, static_cast<std::uint8_t>(size - 4),
                               static_cast<std::uint8_t>(key ? 0x65 : 0x41)};
  std::copy(std::begin(head), std::end(head), payload.data());
  return {.track = media::TrackId::video,
          .codec = media::Codec::h264,
          .dts = base::Millis(ms),
          .key = key,
          .payload = base::SharedBytes::copy_of(payload)};
}
inline media::Frame audio_frame(std::int64_t ms) {
  return {.track = media::TrackId::audio,
          .codec = media::Codec::aac,
          .dts = base::Millis(ms),
          .key = true,
          .payload = base::SharedBytes::copy_of(bytes("21 10 04 60 8c 1c"))};
}

// From `from_ms` on, video of 25 frames a second with a key frame every `gop_ms` (counted from `keys_from_ms`, or from
// the begin), and audio every 23 ms.
struct Pattern {
  std::int64_t from_ms = 0, to_ms = 0, gop_ms = 2000, step_ms = 40, keys_from_ms = -1;
  bool video = true, audio = true;
};
template <class Take>
void feed(const Pattern& pattern, Take take) {
  const std::int64_t keys_from = pattern.keys_from_ms < 0 ? pattern.from_ms : pattern.keys_from_ms;
  std::int64_t next_audio = pattern.from_ms;
  for (std::int64_t at = pattern.from_ms; at < pattern.to_ms; at += pattern.step_ms) {
    for (; pattern.audio && next_audio < at; next_audio += 23) take(audio_frame(next_audio));
    if (pattern.video) take(video_frame(at, (at - keys_from) % pattern.gop_ms == 0));
  }
}

}  // namespace weir::test
