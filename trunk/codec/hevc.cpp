#include "codec/hevc.h"

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "codec/nal.h"

namespace weir::codec::hevc {

// ISO 14496-15 8.3.3.1.2
base::Result<Configuration> parse_configuration(base::Bytes record) {
  if (record.empty()) return Errc::empty;
  base::ByteReader r{record};
  Configuration configuration;
  const std::uint8_t version = r.u8();
  ProfileTierLevel& ptl = configuration.profile_tier_level;
  const std::uint8_t profile = r.u8();
  ptl.profile_space = profile >> 6;
  ptl.high_tier = (profile & 0x20) != 0;
  ptl.profile = profile & 0x1f;
  ptl.compatibility = r.u32();
  for (auto& byte : ptl.constraints) byte = r.u8();
  ptl.level = r.u8();
  r.skip(2 + 1 + 1 + 1 + 1);  // segmentation, parallelism, chroma format, bit depths
  configuration.average_frame_rate = r.u16() / 256.0;
  configuration.nal_length_bytes = static_cast<std::uint8_t>((r.u8() & 3) + 1);
  const unsigned arrays = r.u8();
  if (!r.ok()) return Errc::truncated;
  // Some encoders leave the version at zero.
  if (version > 1) return Errc::bad_version;
  if (configuration.nal_length_bytes == 3) return Errc::bad_nal_length;
  for (unsigned i = 0; i < arrays; ++i) {
    const auto type = static_cast<NalType>(r.u8() & 0x3f);
    const unsigned count = r.u16();
    for (unsigned n = 0; n < count; ++n) {
      const std::uint16_t size = r.u16();
      if (!r.ok()) return Errc::truncated;
      if (size > r.left()) return Errc::length_past_end;
      const base::Bytes unit = r.take(size);
      if (unit.empty()) continue;
      if (type == NalType::vps) configuration.vps.push_back(unit);
      if (type == NalType::sps) configuration.sps.push_back(unit);
      if (type == NalType::pps) configuration.pps.push_back(unit);
    }
    if (!r.ok()) return Errc::truncated;
  }
  if (configuration.sps.empty()) return Errc::no_sequence_parameters;
  return configuration;
}

base::Buffer build_configuration(std::span<const base::Bytes> vps, std::span<const base::Bytes> sps,
                                 std::span<const base::Bytes> pps) {
  base::Buffer out;
  if (sps.empty()) return out;
  const auto parsed = parse_sps(sps[0]);
  if (!parsed) return out;
  const ProfileTierLevel& ptl = parsed->profile_tier_level;
  base::ByteWriter w{out};
  w.u8(1);
  w.u8(static_cast<unsigned>(ptl.profile_space) << 6 | (ptl.high_tier ? 0x20U : 0U) | ptl.profile);
  w.u32(ptl.compatibility);
  w.bytes(ptl.constraints);
  w.u8(ptl.level);
  w.u16(0xf000);  // no spatial segmentation known
  w.u8(0xfc);     // parallelism unknown
  w.u8(0xfc | parsed->chroma_format);
  w.u8(0xf8 | (parsed->luma_bits - 8));
  w.u8(0xf8 | (parsed->chroma_bits - 8));
  w.u16(0);  // average frame rate unknown
  w.u8(static_cast<unsigned>(parsed->temporal_layers) << 3 | (parsed->temporal_id_nested ? 4U : 0U) | 3U);
  const auto write_array = [&w](NalType type, std::span<const base::Bytes> sets) {
    if (sets.empty()) return;
    w.u8(0x80 | static_cast<std::uint8_t>(type));  // complete: none of them is in band alone
    w.u16(sets.size());
    for (const base::Bytes set : sets) {
      w.u16(set.size());
      w.bytes(set);
    }
  };
  w.u8((vps.empty() ? 0 : 1) + 1 + (pps.empty() ? 0 : 1));
  write_array(NalType::vps, vps);
  write_array(NalType::sps, sps);
  write_array(NalType::pps, pps);
  return out;
}

// A.3
std::string profile_text(std::uint8_t profile) {
  switch (profile) {
    case 1:
      return "Main";
    case 2:
      return "Main10";
    case 3:
      return "MainStillPicture";
    case 4:
      return "Rext";
    default:
      return "Other";
  }
}

// A.4: general_level_idc is thirty times the level
std::string level_text(std::uint8_t level) {
  const unsigned tenths = level / 3;
  return tenths % 10 == 0 ? fmt::format("{}", tenths / 10) : fmt::format("{}.{}", tenths / 10, tenths % 10);
}

bool has_random_access(base::Bytes access_unit, unsigned nal_length_bytes) {
  nal::LengthPrefixed units(access_unit, nal_length_bytes);
  while (const auto unit = units.next()) {
    if (is_random_access(nal_type((*unit)[0]))) return true;
  }
  return false;
}

}  // namespace weir::codec::hevc
