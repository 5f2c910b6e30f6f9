#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/error.h"
#include "codec/picture.h"

// H.264: ITU-T H.264 and ISO 14496-15 5.
namespace weir::codec::avc {

enum class NalType : std::uint8_t { slice = 1, idr = 5, sei = 6, sps = 7, pps = 8, delimiter = 9, filler = 12 };

constexpr NalType nal_type(std::uint8_t first_byte) { return static_cast<NalType>(first_byte & 0x1f); }

struct Sps {
  std::uint8_t profile = 0;
  std::uint8_t constraints = 0;  // constraint_set0_flag is the highest bit
  std::uint8_t level = 0;        // times ten
  std::uint32_t id = 0;
  std::uint8_t chroma_format = 1;
  std::uint8_t luma_bits = 8, chroma_bits = 8;
  std::uint32_t width = 0, height = 0;  // cropped
  double frame_rate = 0;                // of the VUI timing; 0 without it
  bool interlaced = false;
  // How many pictures may come before one that is shown earlier (max_num_reorder_frames); none: not told.
  std::optional<std::uint8_t> reorder;
  Picture picture;  // of the VUI
};

// `nal` with its header byte, with emulation prevention. 7.3.2.1.1 and E.1.1
base::Result<Sps> parse_sps(base::Bytes nal);

// AVCDecoderConfigurationRecord; the spans point into what was parsed.
struct Configuration {
  std::uint8_t profile = 0, constraints = 0, level = 0;
  std::uint8_t nal_length_bytes = 4;
  std::vector<base::Bytes> sps, pps;
};

base::Result<Configuration> parse_configuration(base::Bytes record);
// A record with four-byte lengths; empty without a usable SPS.
base::Buffer build_configuration(std::span<const base::Bytes> sps, std::span<const base::Bytes> pps);

// "High", "Baseline(Constrained)", ...; "Other" for one without a name.
std::string profile_text(std::uint8_t profile, std::uint8_t constraints);
// "3.1", "4", "1b".
std::string level_text(std::uint8_t profile, std::uint8_t constraints, std::uint8_t level);

// True if a length-prefixed access unit has an IDR picture.
bool has_idr(base::Bytes access_unit, unsigned nal_length_bytes);

}  // namespace weir::codec::avc
