#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/error.h"
#include "codec/picture.h"

// AV1: "AV1 Bitstream & Decoding Process Specification" and "AV1 Codec ISO Media File Format Binding".
namespace weir::codec::av1 {

enum class ObuType : std::uint8_t {
  sequence_header = 1,
  temporal_delimiter = 2,
  frame_header = 3,
  tile_group = 4,
  metadata = 5,
  frame = 6,
  redundant_frame_header = 7,
  tile_list = 8,
  padding = 15,
};

struct Obu {
  ObuType type = ObuType::padding;
  base::Bytes whole;  // with header and size
  base::Bytes payload;
};

// Walks OBUs, 5.3: `while (auto obu = obus.next())`. One without a size takes all that is left. Ends at the first
// fault, and then ok() is false.
class Obus {
 public:
  explicit Obus(base::Bytes in) : in_(in) {}

  std::optional<Obu> next();
  bool ok() const { return ok_; }

 private:
  base::Bytes in_;
  bool ok_ = true;
};

struct SequenceHeader {
  std::uint8_t profile = 0;
  std::uint8_t level = 0;  // seq_level_idx[0]
  bool high_tier = false;
  bool still_picture = false, reduced = false;
  bool has_film_grain = false;
  std::uint32_t width = 0, height = 0;  // the largest
  double frame_rate = 0;
  std::uint8_t bits = 8;
  bool monochrome = false;
  bool subsampling_x = true, subsampling_y = true;
  std::uint8_t chroma_position = 0;
  Picture picture;
};

// The payload of a sequence header OBU, 5.5.
base::Result<SequenceHeader> parse_sequence_header(base::Bytes payload);

// AV1CodecConfigurationRecord
struct Configuration {
  std::uint8_t profile = 0, level = 0;
  bool high_tier = false;
  base::Bytes obus;  // sequence header, sometimes metadata; may be empty
};

base::Result<Configuration> parse_configuration(base::Bytes record);
// From a sequence header OBU with its header; empty if that cannot be read.
base::Buffer build_configuration(base::Bytes sequence_header_obu);

std::string profile_text(std::uint8_t profile);  // "Main", "High", "Professional"
std::string level_text(std::uint8_t level);      // "4.0"; "Other" for reserved ones

// True if the temporal unit has a sequence header and begins with a key frame: a decoder may start here. 7.6.1
bool is_key(base::Bytes temporal_unit);
// The temporal unit without the temporal delimiter that it may begin with.
base::Bytes without_temporal_delimiter(base::Bytes temporal_unit);

}  // namespace weir::codec::av1
