#include "codec/avc.h"

#include <fmt/format.h>

#include "base/bit_reader.h"
#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "codec/nal.h"

namespace weir::codec::avc {

namespace {

using base::BitReader;

constexpr std::uint32_t largest_side = 16'384;

// The profiles whose SPS says the chroma format, 7.3.2.1.1
bool has_chroma_format(std::uint8_t profile) {
  switch (profile) {
    case 100:
    case 110:
    case 122:
    case 244:
    case 44:
    case 83:
    case 86:
    case 118:
    case 128:
    case 138:
    case 139:
    case 134:
    case 135:
      return true;
    default:
      return false;
  }
}

bool is_high(std::uint8_t profile) {
  return profile == 100 || profile == 110 || profile == 122 || profile == 144 || profile == 244;
}

// 7.3.2.1.1.1
void skip_scaling_list(BitReader& r, unsigned size) {
  std::int64_t last = 8, next = 8;
  for (unsigned i = 0; i < size && r.ok(); ++i) {
    if (next != 0) next = (last + r.se() + 256) % 256;
    if (next != 0) last = next;
  }
}

base::Result<void> read_high_profile(BitReader& r, Sps& sps) {
  const std::uint32_t chroma_format = r.ue();
  if (r.ok() && chroma_format > 3) return Errc::bad_chroma_format;
  sps.chroma_format = static_cast<std::uint8_t>(chroma_format);
  if (chroma_format == 3) r.flag();  // separate_colour_plane_flag
  const std::uint32_t luma = r.ue(), chroma = r.ue();
  if (r.ok() && (luma > 6 || chroma > 6)) return Errc::bad_bit_depth;
  sps.luma_bits = static_cast<std::uint8_t>(8 + luma);
  sps.chroma_bits = static_cast<std::uint8_t>(8 + chroma);
  r.flag();        // qpprime_y_zero_transform_bypass_flag
  if (r.flag()) {  // seq_scaling_matrix_present_flag
    const unsigned lists = chroma_format == 3 ? 12 : 8;
    for (unsigned i = 0; i < lists; ++i) {
      if (r.flag()) skip_scaling_list(r, i < 6 ? 16 : 64);
    }
  }
  return {};
}

base::Result<void> read_picture_order(BitReader& r, Sps& sps) {
  const std::uint32_t type = r.ue();
  if (type == 2) sps.reorder = 0;  // 8.2.1.3: the output order is that of decoding
  if (type == 0) {
    if (r.ue() > 12) return Errc::bad_parameter;  // log2_max_pic_order_cnt_lsb_minus4
  } else if (type == 1) {
    r.flag();
    r.se();
    r.se();
    const std::uint32_t cycle = r.ue();
    if (cycle > 255) return Errc::bad_parameter;
    for (std::uint32_t i = 0; i < cycle; ++i) r.se();
  } else if (type > 2) {
    return Errc::bad_parameter;
  }
  return {};
}

double read_timing(BitReader& r) {
  const std::uint32_t units_in_tick = r.bits(32);
  const std::uint32_t time_scale = r.bits(32);
  const bool told = r.ok() && units_in_tick != 0;
  r.flag();  // fixed_frame_rate_flag
  if (!told) return 0;
  const double rate = time_scale / (2.0 * units_in_tick);  // the unit is a field
  return rate <= 1000 ? rate : 0;
}

// E.1.2
void skip_hrd(BitReader& r) {
  const std::uint32_t schedules = r.ue() + 1;
  r.skip(8);
  for (std::uint32_t i = 0; i < schedules && r.ok(); ++i) {
    r.ue();
    r.ue();
    r.flag();
  }
  r.skip(20);
}

// E.1.1. A damaged VUI costs what stands in it, not the picture size.
void read_vui(BitReader& r, Sps& sps) {
  read_vui_picture(r, sps.picture);
  if (r.flag()) sps.frame_rate = read_timing(r);
  const bool nal_hrd = r.flag();
  if (nal_hrd) skip_hrd(r);
  const bool vcl_hrd = r.flag();
  if (vcl_hrd) skip_hrd(r);
  if (nal_hrd || vcl_hrd) r.flag();  // low_delay_hrd_flag
  r.flag();                          // pic_struct_present_flag
  if (!r.flag()) return;             // bitstream_restriction_flag
  r.flag();                          // motion_vectors_over_pic_boundaries_flag
  for (int i = 0; i < 4; ++i) r.ue();
  const std::uint32_t reorder = r.ue();
  if (r.ok() && reorder <= 16) sps.reorder = static_cast<std::uint8_t>(reorder);
}

struct Window {
  std::uint32_t left = 0, right = 0, top = 0, bottom = 0;
};

base::Result<void> set_size(Sps& sps, std::uint64_t macroblocks_wide, std::uint64_t map_units_high,
                            const Window& crop) {
  const std::uint64_t field_factor = sps.interlaced ? 2 : 1;
  const std::uint64_t width = macroblocks_wide * 16, height = map_units_high * 16 * field_factor;
  if (width > largest_side || height > largest_side) return Errc::bad_picture_size;
  const std::uint64_t unit_x = sps.chroma_format == 1 || sps.chroma_format == 2 ? 2 : 1;
  const std::uint64_t unit_y = (sps.chroma_format == 1 ? 2 : 1) * field_factor;
  const std::uint64_t crop_x = (std::uint64_t{crop.left} + crop.right) * unit_x;
  const std::uint64_t crop_y = (std::uint64_t{crop.top} + crop.bottom) * unit_y;
  if (crop_x >= width || crop_y >= height) return Errc::bad_picture_size;
  sps.width = static_cast<std::uint32_t>(width - crop_x);
  sps.height = static_cast<std::uint32_t>(height - crop_y);
  return {};
}

}  // namespace

base::Result<Sps> parse_sps(base::Bytes nal) {
  if (nal.empty()) return Errc::empty;
  if (nal_type(nal[0]) != NalType::sps || (nal[0] & 0x80) != 0) return Errc::wrong_nal_type;
  const auto payload = base::without_emulation_prevention(nal.subspan(1));
  BitReader r{payload};
  Sps sps;
  sps.profile = static_cast<std::uint8_t>(r.bits(8));
  sps.constraints = static_cast<std::uint8_t>(r.bits(8));
  sps.level = static_cast<std::uint8_t>(r.bits(8));
  sps.id = r.ue();
  if (r.ok() && sps.id > 31) return Errc::bad_parameter;
  if (has_chroma_format(sps.profile)) TRY_VOID(read_high_profile(r, sps));
  if (r.ue() > 12) return Errc::bad_parameter;  // log2_max_frame_num_minus4
  if (sps.profile == 66) sps.reorder = 0;       // A.2.1: no B slices
  TRY_VOID(read_picture_order(r, sps));
  if (r.ue() > 32) return Errc::bad_parameter;  // max_num_ref_frames, 16 and more only in other annexes
  r.flag();                                     // gaps_in_frame_num_value_allowed_flag
  const std::uint64_t macroblocks_wide = std::uint64_t{r.ue()} + 1;
  const std::uint64_t map_units_high = std::uint64_t{r.ue()} + 1;
  sps.interlaced = !r.flag();
  if (sps.interlaced) r.flag();  // mb_adaptive_frame_field_flag
  r.flag();                      // direct_8x8_inference_flag
  Window crop;
  if (r.flag()) crop = {.left = r.ue(), .right = r.ue(), .top = r.ue(), .bottom = r.ue()};
  if (!r.ok()) return Errc::truncated;
  TRY_VOID(set_size(sps, macroblocks_wide, map_units_high, crop));
  if (r.left() > 0 && r.flag()) read_vui(r, sps);
  return sps;
}

// ISO 14496-15 5.3.3.1.2
base::Result<Configuration> parse_configuration(base::Bytes record) {
  if (record.empty()) return Errc::empty;
  base::ByteReader r{record};
  Configuration configuration;
  const std::uint8_t version = r.u8();
  configuration.profile = r.u8();
  configuration.constraints = r.u8();
  configuration.level = r.u8();
  configuration.nal_length_bytes = static_cast<std::uint8_t>((r.u8() & 3) + 1);
  if (!r.ok()) return Errc::truncated;
  if (version != 1) return Errc::bad_version;
  if (configuration.nal_length_bytes == 3) return Errc::bad_nal_length;
  const auto read_sets = [&r](unsigned count, std::vector<base::Bytes>& sets) -> base::Result<void> {
    for (unsigned i = 0; i < count; ++i) {
      const std::uint16_t size = r.u16();
      if (!r.ok()) return Errc::truncated;
      if (size > r.left()) return Errc::length_past_end;
      const base::Bytes set = r.take(size);
      if (!set.empty()) sets.push_back(set);
    }
    return {};
  };
  const unsigned sps_count = r.u8() & 0x1f;
  TRY_VOID(read_sets(sps_count, configuration.sps));
  const unsigned pps_count = r.u8();
  if (!r.ok()) return Errc::truncated;
  TRY_VOID(read_sets(pps_count, configuration.pps));
  if (configuration.sps.empty()) return Errc::no_sequence_parameters;
  return configuration;  // what high profiles add behind repeats the SPS
}

base::Buffer build_configuration(std::span<const base::Bytes> sps, std::span<const base::Bytes> pps) {
  base::Buffer out;
  if (sps.empty() || sps[0].size() < 4 || sps.size() > 31 || pps.size() > 255) return out;
  base::ByteWriter w{out};
  w.u8(1);
  w.bytes(sps[0].subspan(1, 3));  // profile, constraints, level
  w.u8(0xfc | 3);                 // lengths of four bytes
  w.u8(0xe0 | sps.size());
  for (const base::Bytes set : sps) {
    w.u16(set.size());
    w.bytes(set);
  }
  w.u8(pps.size());
  for (const base::Bytes set : pps) {
    w.u16(set.size());
    w.bytes(set);
  }
  const auto parsed = parse_sps(sps[0]);
  if (parsed && is_high(parsed->profile)) {
    w.u8(0xfc | parsed->chroma_format);
    w.u8(0xf8 | (parsed->luma_bits - 8));
    w.u8(0xf8 | (parsed->chroma_bits - 8));
    w.u8(0);  // SPS extensions
  }
  return out;
}

// A.2
std::string profile_text(std::uint8_t profile, std::uint8_t constraints) {
  const bool set1 = (constraints & 0x40) != 0;
  const bool intra = (constraints & 0x10) != 0;
  switch (profile) {
    case 66:
      return set1 ? "Baseline(Constrained)" : "Baseline";
    case 77:
      return "Main";
    case 88:
      return "Extended";
    case 100:
      return "High";
    case 110:
      return intra ? "High(10+Intra)" : "High(10)";
    case 122:
      return intra ? "High(422+Intra)" : "High(422)";
    case 144:
      return "High(444)";
    case 244:
      return intra ? "High(444+Intra)" : "High(444+Predictive)";
    case 44:
      return "High(444+Intra)";
    default:
      return "Other";
  }
}

// A.3: level 1b is 9, or 11 with constraint_set3_flag where that does not mean intra only
std::string level_text(std::uint8_t profile, std::uint8_t constraints, std::uint8_t level) {
  const bool set3_is_1b = profile == 66 || profile == 77 || profile == 88;
  if (level == 9 || (level == 11 && set3_is_1b && (constraints & 0x10) != 0)) return "1b";
  return level % 10 == 0 ? fmt::format("{}", level / 10) : fmt::format("{}.{}", level / 10, level % 10);
}

bool has_idr(base::Bytes access_unit, unsigned nal_length_bytes) {
  nal::LengthPrefixed units(access_unit, nal_length_bytes);
  while (const auto unit = units.next()) {
    if (nal_type((*unit)[0]) == NalType::idr) return true;
  }
  return false;
}

}  // namespace weir::codec::avc
