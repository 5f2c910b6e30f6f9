#pragma once

#include <cstdint>

#include "media/codec_id.h"

namespace weir::flv {

constexpr std::uint32_t fourcc(const char (&text)[5]) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(text[i]);
  return value;
}

// Enhanced RTMP v2, "VideoFourCc" and "AudioFourCc"; Codec::none for a FourCC that is not known here.
constexpr media::Codec codec_of_fourcc(std::uint32_t code) {
  using media::Codec;
  switch (code) {
    case fourcc("avc1"):
      return Codec::h264;
    case fourcc("hvc1"):
      return Codec::hevc;
    case fourcc("av01"):
      return Codec::av1;
    case fourcc("vp08"):
      return Codec::vp8;
    case fourcc("vp09"):
      return Codec::vp9;
    case fourcc("mp4a"):
      return Codec::aac;
    case fourcc(".mp3"):
      return Codec::mp3;
    case fourcc("Opus"):
      return Codec::opus;
    case fourcc("fLaC"):
      return Codec::flac;
    case fourcc("ac-3"):
      return Codec::ac3;
    case fourcc("ec-3"):
      return Codec::eac3;
    default:
      return Codec::none;
  }
}

// 0 for a codec that has none.
constexpr std::uint32_t fourcc_of(media::Codec codec) {
  using media::Codec;
  switch (codec) {
    case Codec::h264:
      return fourcc("avc1");
    case Codec::hevc:
      return fourcc("hvc1");
    case Codec::av1:
      return fourcc("av01");
    case Codec::vp8:
      return fourcc("vp08");
    case Codec::vp9:
      return fourcc("vp09");
    case Codec::aac:
      return fourcc("mp4a");
    case Codec::mp3:
      return fourcc(".mp3");
    case Codec::opus:
      return fourcc("Opus");
    case Codec::flac:
      return fourcc("fLaC");
    case Codec::ac3:
      return fourcc("ac-3");
    case Codec::eac3:
      return fourcc("ec-3");
    default:
      return 0;
  }
}

}  // namespace weir::flv
