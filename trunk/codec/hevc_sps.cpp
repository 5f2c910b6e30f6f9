#include <algorithm>
#include <array>

#include "base/bit_reader.h"
#include "codec/hevc.h"

namespace weir::codec::hevc {

namespace {

using base::BitReader;

constexpr std::uint32_t largest_side = 16'384;
constexpr unsigned largest_ref_sets = 64;

// 7.3.3
ProfileTierLevel read_profile_tier_level(BitReader& r, unsigned sub_layers_minus1) {
  ProfileTierLevel ptl;
  ptl.profile_space = static_cast<std::uint8_t>(r.bits(2));
  ptl.high_tier = r.flag();
  ptl.profile = static_cast<std::uint8_t>(r.bits(5));
  ptl.compatibility = r.bits(32);
  for (auto& byte : ptl.constraints) byte = static_cast<std::uint8_t>(r.bits(8));
  ptl.level = static_cast<std::uint8_t>(r.bits(8));
  std::array<bool, 8> has_profile{}, has_level{};
  for (unsigned i = 0; i < sub_layers_minus1; ++i) {
    has_profile[i] = r.flag();
    has_level[i] = r.flag();
  }
  if (sub_layers_minus1 > 0) r.skip(2 * (8 - sub_layers_minus1));
  for (unsigned i = 0; i < sub_layers_minus1; ++i) {
    if (has_profile[i]) r.skip(88);
    if (has_level[i]) r.skip(8);
  }
  return ptl;
}

// Gives max_num_reorder_pics of the highest layer.
std::uint32_t read_sub_layer_ordering(BitReader& r, unsigned sub_layers_minus1) {
  const bool each = r.flag();
  std::uint32_t reorder = 0;
  for (unsigned i = each ? 0 : sub_layers_minus1; i <= sub_layers_minus1; ++i) {
    r.ue();  // max_dec_pic_buffering_minus1
    reorder = r.ue();
    r.ue();  // max_latency_increase_plus1
  }
  return reorder;
}

// 7.3.4
void skip_scaling_lists(BitReader& r) {
  for (unsigned size = 0; size < 4; ++size) {
    for (unsigned matrix = 0; matrix < 6 && r.ok(); matrix += size == 3 ? 3 : 1) {
      if (!r.flag()) {
        r.ue();  // scaling_list_pred_matrix_id_delta
        continue;
      }
      if (size > 1) r.se();  // dc coefficient
      const unsigned coefficients = std::min(64U, 1U << (4 + (size << 1)));
      for (unsigned i = 0; i < coefficients && r.ok(); ++i) r.se();
    }
  }
}

// 7.3.7. Only the number of entries matters, because a later set may be told as a difference to it.
base::Result<void> skip_short_term_sets(BitReader& r) {
  const std::uint32_t count = r.ue();
  if (count > largest_ref_sets) return Errc::bad_parameter;
  std::array<unsigned, largest_ref_sets> deltas{};
  for (unsigned set = 0; set < count && r.ok(); ++set) {
    if (set > 0 && r.flag()) {  // inter_ref_pic_set_prediction_flag
      r.flag();                 // sign
      r.ue();                   // abs_delta_rps_minus1
      unsigned used = 0;
      for (unsigned i = 0; i <= deltas[set - 1]; ++i) {
        const bool used_by_current = r.flag();
        if (used_by_current || r.flag()) ++used;
      }
      deltas[set] = used;
    } else {
      const std::uint32_t negative = r.ue(), positive = r.ue();
      if (negative > 16 || positive > 16) return Errc::bad_parameter;
      deltas[set] = negative + positive;
      for (unsigned i = 0; i < deltas[set]; ++i) {
        r.ue();
        r.flag();
      }
    }
    if (deltas[set] > 32) return Errc::bad_parameter;
  }
  return {};
}

double read_timing(BitReader& r) {
  const std::uint32_t units_in_tick = r.bits(32);
  const std::uint32_t time_scale = r.bits(32);
  if (!r.ok() || units_in_tick == 0) return 0;
  const double rate = static_cast<double>(time_scale) / units_in_tick;
  return rate <= 1000 ? rate : 0;
}

// E.2.1, up to the timing. A damaged VUI costs the frame rate, not the picture size.
double read_vui_frame_rate(BitReader& r, Picture& picture) {
  read_vui_picture(r, picture);
  r.skip(3);       // neutral_chroma, field_seq, frame_field_info
  if (r.flag()) {  // default_display_window
    for (int i = 0; i < 4; ++i) r.ue();
  }
  return r.flag() ? read_timing(r) : 0;
}

struct Window {
  std::uint32_t left = 0, right = 0, top = 0, bottom = 0;
};

base::Result<void> set_size(Sps& sps, std::uint32_t width, std::uint32_t height, const Window& crop) {
  if (width == 0 || height == 0 || width > largest_side || height > largest_side) return Errc::bad_picture_size;
  const std::uint64_t unit_x = sps.chroma_format == 1 || sps.chroma_format == 2 ? 2 : 1;
  const std::uint64_t unit_y = sps.chroma_format == 1 ? 2 : 1;
  const std::uint64_t crop_x = (std::uint64_t{crop.left} + crop.right) * unit_x;
  const std::uint64_t crop_y = (std::uint64_t{crop.top} + crop.bottom) * unit_y;
  if (crop_x >= width || crop_y >= height) return Errc::bad_picture_size;
  sps.width = static_cast<std::uint32_t>(width - crop_x);
  sps.height = static_cast<std::uint32_t>(height - crop_y);
  return {};
}

// From behind the bit depths to the VUI; what goes wrong here only costs the frame rate, which it gives.
double read_rest(BitReader& r, unsigned sub_layers_minus1, Sps& sps) {
  const std::uint32_t poc_bits = r.ue() + 4;  // log2_max_pic_order_cnt_lsb
  if (poc_bits > 16) return 0;
  const std::uint32_t reorder = read_sub_layer_ordering(r, sub_layers_minus1);
  if (r.ok() && reorder <= 16) sps.reorder = static_cast<std::uint8_t>(reorder);
  for (int i = 0; i < 6; ++i) r.ue();  // block sizes and transform depths
  if (r.flag() && r.flag()) skip_scaling_lists(r);
  r.skip(2);       // amp, sample_adaptive_offset
  if (r.flag()) {  // pcm
    r.skip(8);
    r.ue();
    r.ue();
    r.flag();
  }
  if (!skip_short_term_sets(r)) return 0;
  if (r.flag()) {  // long_term_ref_pics
    const std::uint32_t count = r.ue();
    if (count > 32) return 0;
    r.skip(std::size_t{count} * (poc_bits + 1));
  }
  r.skip(2);  // temporal_mvp, strong_intra_smoothing
  return r.flag() ? read_vui_frame_rate(r, sps.picture) : 0;
}

}  // namespace

base::Result<Sps> parse_sps(base::Bytes nal) {
  if (nal.empty()) return Errc::empty;
  if (nal_type(nal[0]) != NalType::sps || (nal[0] & 0x80) != 0) return Errc::wrong_nal_type;
  if (nal.size() < 2) return Errc::truncated;
  const auto payload = base::without_emulation_prevention(nal.subspan(2));
  BitReader r{payload};
  Sps sps;
  sps.vps_id = static_cast<std::uint8_t>(r.bits(4));
  const unsigned sub_layers_minus1 = r.bits(3);
  if (sub_layers_minus1 > 6) return Errc::bad_parameter;
  sps.temporal_layers = static_cast<std::uint8_t>(sub_layers_minus1 + 1);
  sps.temporal_id_nested = r.flag();
  sps.profile_tier_level = read_profile_tier_level(r, sub_layers_minus1);
  sps.id = r.ue();
  const std::uint32_t chroma_format = r.ue();
  if (!r.ok()) return Errc::truncated;
  if (sps.id > 15) return Errc::bad_parameter;
  if (chroma_format > 3) return Errc::bad_chroma_format;
  sps.chroma_format = static_cast<std::uint8_t>(chroma_format);
  if (chroma_format == 3) r.flag();  // separate_colour_plane_flag
  const std::uint32_t width = r.ue(), height = r.ue();
  Window crop;
  if (r.flag()) crop = {.left = r.ue(), .right = r.ue(), .top = r.ue(), .bottom = r.ue()};
  const std::uint32_t luma = r.ue(), chroma = r.ue();
  if (!r.ok()) return Errc::truncated;
  if (luma > 8 || chroma > 8) return Errc::bad_bit_depth;
  sps.luma_bits = static_cast<std::uint8_t>(8 + luma);
  sps.chroma_bits = static_cast<std::uint8_t>(8 + chroma);
  TRY_VOID(set_size(sps, width, height, crop));
  sps.frame_rate = read_rest(r, sub_layers_minus1, sps);
  return sps;
}

base::Result<double> parse_vps_frame_rate(base::Bytes nal) {
  if (nal.empty()) return Errc::empty;
  if (nal_type(nal[0]) != NalType::vps) return Errc::wrong_nal_type;
  if (nal.size() < 2) return Errc::truncated;
  const auto payload = base::without_emulation_prevention(nal.subspan(2));
  BitReader r{payload};
  r.skip(4 + 2 + 6);  // id, base layer flags, max_layers_minus1
  const unsigned sub_layers_minus1 = r.bits(3);
  if (sub_layers_minus1 > 6) return Errc::bad_parameter;
  r.skip(1 + 16);
  read_profile_tier_level(r, sub_layers_minus1);
  (void)read_sub_layer_ordering(r, sub_layers_minus1);
  const unsigned largest_layer = r.bits(6);
  const std::uint32_t layer_sets_minus1 = r.ue();
  if (layer_sets_minus1 > 1023) return Errc::bad_parameter;
  r.skip(std::size_t{layer_sets_minus1} * (largest_layer + 1));
  const double rate = r.flag() ? read_timing(r) : 0;
  if (!r.ok()) return Errc::truncated;
  return rate;
}

}  // namespace weir::codec::hevc
