#pragma once

#include "codec/light.h"
#include "codec/picture.h"

namespace weir::media {

// What a publisher says of a video's colours beside its bitstream, which has the last word where it says something too.
struct Colour {
  codec::Picture picture;
  codec::Light light;
  friend bool operator==(const Colour&, const Colour&) = default;
  bool told() const { return picture.told || light.told(); }
};

}  // namespace weir::media
