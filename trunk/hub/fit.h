#pragma once

#include <cstdint>

#include "media/codec_id.h"

namespace weir::hub {

// How sound of a codec suits an output.
enum class Fit : std::uint8_t {
  none,  // it has no place for it
  poor,  // it is carried, but few of those who read this can play it
  good,
};

// Of FLV, RTMP, MPEG-TS, MP4, HLS: each has a place for what browsers and telephones send; players rarely know it
// there.
constexpr Fit usual_fit(media::Codec audio) {
  using media::Codec;
  return audio == Codec::opus || audio == Codec::pcma || audio == Codec::pcmu ? Fit::poor : Fit::good;
}

}  // namespace weir::hub
