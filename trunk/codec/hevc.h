#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/error.h"
#include "codec/picture.h"

// H.265: ITU-T H.265 and ISO 14496-15 8.
namespace weir::codec::hevc {

enum class NalType : std::uint8_t {
  bla_first = 16,
  idr_with_leading = 19,
  idr = 20,
  cra = 21,
  vps = 32,
  sps = 33,
  pps = 34,
  delimiter = 35,
  prefix_sei = 39,
  suffix_sei = 40,
};

constexpr NalType nal_type(std::uint8_t first_byte) { return static_cast<NalType>(first_byte >> 1 & 0x3f); }
// Types 16 to 21, and 22 and 23 which are reserved for the same: a decoder may start here. Table 7-1
constexpr bool is_random_access(NalType type) {
  return static_cast<std::uint8_t>(type) >= 16 && static_cast<std::uint8_t>(type) <= 23;
}

// General part of profile_tier_level(), 7.3.3, in the form in which hvcC repeats it.
struct ProfileTierLevel {
  std::uint8_t profile_space = 0;
  bool high_tier = false;
  std::uint8_t profile = 0;
  std::uint32_t compatibility = 0;
  std::array<std::uint8_t, 6> constraints{};
  std::uint8_t level = 0;  // times thirty
};

struct Sps {
  ProfileTierLevel profile_tier_level;
  std::uint8_t vps_id = 0;
  std::uint8_t temporal_layers = 1;
  bool temporal_id_nested = false;
  std::uint32_t id = 0;
  std::uint8_t chroma_format = 1;
  std::uint8_t luma_bits = 8, chroma_bits = 8;
  std::uint32_t width = 0, height = 0;  // cropped
  double frame_rate = 0;                // of the VUI timing; 0 without it
  // How many pictures may come before one that is shown earlier (sps_max_num_reorder_pics of all layers).
  std::uint8_t reorder = 0;
  Picture picture;  // of the VUI
};

// Parameter sets with their two header bytes and with emulation prevention. 7.3.2.2, E.2.1
base::Result<Sps> parse_sps(base::Bytes nal);
// The frame rate that the VPS says, 0 if it says none. 7.3.2.1
base::Result<double> parse_vps_frame_rate(base::Bytes nal);

// HEVCDecoderConfigurationRecord, ISO 14496-15 8.3.3.1; the spans point into what was parsed.
struct Configuration {
  ProfileTierLevel profile_tier_level;
  std::uint8_t nal_length_bytes = 4;
  double average_frame_rate = 0;
  std::vector<base::Bytes> vps, sps, pps;
};

base::Result<Configuration> parse_configuration(base::Bytes record);
// A record with four-byte lengths; empty without a usable SPS.
base::Buffer build_configuration(std::span<const base::Bytes> vps, std::span<const base::Bytes> sps,
                                 std::span<const base::Bytes> pps);

// "Main", "Main10", "MainStillPicture", "Rext"; "Other" for one without a name.
std::string profile_text(std::uint8_t profile);
// "3.1", "4".
std::string level_text(std::uint8_t level);

// True if a length-prefixed access unit has a random access picture.
bool has_random_access(base::Bytes access_unit, unsigned nal_length_bytes);

}  // namespace weir::codec::hevc
