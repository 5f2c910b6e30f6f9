#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/error.h"
#include "codec/picture.h"

// VP8 (RFC 6386) and VP9 ("VP9 Bitstream & Decoding Process Specification", "VP Codec ISO Media File Format Binding").
namespace weir::codec::vpx {

struct PictureHeader {
  bool key = false;
  std::uint32_t width = 0, height = 0;  // of key frames; 0 in others
  std::uint8_t profile = 0;
  std::uint8_t bits = 8;
};

// RFC 6386 9.1
base::Result<PictureHeader> parse_vp8_frame(base::Bytes frame);
// 6.2; a frame that shows an existing one again is no key frame.
base::Result<PictureHeader> parse_vp9_frame(base::Bytes frame);

// VPCodecConfigurationRecord, with or without the version and flags that it has as a box.
struct Configuration {
  std::uint8_t profile = 0;
  std::uint8_t level = 0;  // times ten
  std::uint8_t bits = 8;
  std::uint8_t chroma = 1;
  Picture picture;
};
base::Result<Configuration> parse_configuration(base::Bytes record);
// Without version and flags.
base::Buffer build_configuration(const Configuration& configuration);

std::string profile_text(std::uint8_t profile);  // "Profile0"
std::string level_text(std::uint8_t level);      // "3.1"; empty if the record does not say

}  // namespace weir::codec::vpx
