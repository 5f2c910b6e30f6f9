#include "codec/vpx.h"

#include <fmt/format.h>

#include "base/bit_reader.h"
#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace weir::codec::vpx {

base::Result<PictureHeader> parse_vp9_frame(base::Bytes frame) {
  constexpr std::uint32_t frame_marker = 2, sync_code = 0x498342, srgb = 7;
  if (frame.empty()) return Errc::empty;
  base::BitReader r{frame};
  PictureHeader header;
  if (r.bits(2) != frame_marker) return Errc::bad_sync;
  const std::uint32_t low = r.bits(1), high = r.bits(1);
  header.profile = static_cast<std::uint8_t>(high << 1 | low);
  if (header.profile == 3 && r.flag()) return Errc::bad_profile;
  if (r.flag()) return header;  // show_existing_frame
  header.key = !r.flag();
  r.skip(2);  // show_frame, error_resilient_mode
  if (!r.ok()) return Errc::truncated;
  if (!header.key) return header;
  if (r.bits(24) != sync_code) return r.ok() ? Errc::bad_sync : Errc::truncated;
  if (header.profile >= 2) header.bits = r.flag() ? 12 : 10;
  const bool any_chroma = (header.profile & 1) != 0;
  if (r.bits(3) != srgb) {
    r.skip(any_chroma ? 4 : 1);
  } else if (any_chroma) {
    r.skip(1);
  } else {
    return Errc::bad_profile;  // sRGB is for profiles 1 and 3
  }
  header.width = r.bits(16) + 1;
  header.height = r.bits(16) + 1;
  if (!r.ok()) return Errc::truncated;
  return header;
}

base::Result<PictureHeader> parse_vp8_frame(base::Bytes frame) {
  if (frame.empty()) return Errc::empty;
  base::ByteReader r{frame};
  const std::uint8_t tag = r.u8();
  r.skip(2);  // rest of the size of the first partition
  PictureHeader header;
  header.key = (tag & 1) == 0;
  header.profile = tag >> 1 & 7;
  if (!r.ok()) return Errc::truncated;
  if (header.profile > 3) return Errc::bad_profile;
  if (!header.key) return header;
  const std::uint32_t start_code = r.u24();
  header.width = r.u16le() & 0x3fffU;  // upper two bits: scale
  header.height = r.u16le() & 0x3fffU;
  if (!r.ok()) return Errc::truncated;
  if (start_code != 0x9d012a) return Errc::bad_sync;
  if (header.width == 0 || header.height == 0) return Errc::bad_picture_size;
  return header;
}

base::Result<Configuration> parse_configuration(base::Bytes record) {
  constexpr std::size_t record_bytes = 8, box_head_bytes = 4;
  if (record.empty()) return Errc::empty;
  // Read without the box head, this would be profile 1, level 0 and no bits in a sample.
  const bool boxed = record.size() >= record_bytes + box_head_bytes && record[0] == 1 && record[1] == 0 &&
                     record[2] == 0 && record[3] == 0;
  base::ByteReader r{boxed ? record.subspan(box_head_bytes) : record};
  Configuration configuration;
  configuration.profile = r.u8();
  configuration.level = r.u8();
  const std::uint8_t depth = r.u8();
  configuration.bits = depth >> 4;
  configuration.chroma = depth >> 1 & 7;
  if (!r.ok()) return Errc::truncated;
  if (configuration.profile > 3) return Errc::bad_profile;
  if (configuration.bits != 8 && configuration.bits != 10 && configuration.bits != 12) return Errc::bad_bit_depth;
  configuration.picture.full_range = (depth & 1) != 0;
  configuration.picture.primaries = r.u8();
  configuration.picture.transfer = r.u8();
  configuration.picture.matrix = r.u8();
  if (!r.ok()) return Errc::truncated;
  const Picture& told = configuration.picture;
  configuration.picture.told = told.full_range || told.primaries != Picture::unspecified ||
                               told.transfer != Picture::unspecified || told.matrix != Picture::unspecified;
  return configuration;
}

base::Buffer build_configuration(const Configuration& configuration) {
  base::Buffer out;
  base::ByteWriter w{out};
  w.u8(configuration.profile);
  w.u8(configuration.level);
  w.u8(static_cast<unsigned>(configuration.bits) << 4 | static_cast<unsigned>(configuration.chroma) << 1 |
       (configuration.picture.full_range ? 1U : 0U));
  w.u8(configuration.picture.primaries);
  w.u8(configuration.picture.transfer);
  w.u8(configuration.picture.matrix);
  w.u16(0);  // no initialisation data, as is the rule for VP8 and VP9
  return out;
}

std::string profile_text(std::uint8_t profile) { return fmt::format("Profile{}", profile); }

std::string level_text(std::uint8_t level) {
  if (level == 0) return {};
  return level % 10 == 0 ? fmt::format("{}", level / 10) : fmt::format("{}.{}", level / 10, level % 10);
}

}  // namespace weir::codec::vpx
