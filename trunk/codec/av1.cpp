#include "codec/av1.h"

#include <fmt/format.h>

#include "base/bit_reader.h"
#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace weir::codec::av1 {

namespace {

using base::BitReader;

// 4.10.3
std::uint32_t uvlc(BitReader& r) {
  unsigned zeros = 0;
  while (r.ok() && !r.flag()) ++zeros;
  if (zeros >= 32) return 0xffffffff;
  return r.bits(zeros) + (zeros == 0 ? 0 : (1U << zeros) - 1);
}

struct DecoderModel {
  bool present = false;
  unsigned delay_bits = 0;
};

// 5.5.3 and 5.5.4
void read_timing(BitReader& r, SequenceHeader& header, DecoderModel& model) {
  if (!r.flag()) return;
  const std::uint32_t units_in_tick = r.bits(32);
  const std::uint32_t time_scale = r.bits(32);
  std::uint64_t ticks_per_picture = 1;
  const bool equal_interval = r.flag();
  if (equal_interval) ticks_per_picture = std::uint64_t{uvlc(r)} + 1;
  if (r.ok() && equal_interval && units_in_tick != 0) {
    const double rate =
        static_cast<double>(time_scale) / (static_cast<double>(units_in_tick) * static_cast<double>(ticks_per_picture));
    header.frame_rate = rate <= 1000 ? rate : 0;
  }
  model.present = r.flag();
  if (!model.present) return;
  model.delay_bits = r.bits(5) + 1;
  r.skip(32 + 5 + 5);
}

void read_operating_points(BitReader& r, SequenceHeader& header, const DecoderModel& model) {
  const bool initial_delay_present = r.flag();
  const unsigned count = r.bits(5) + 1;
  for (unsigned i = 0; i < count && r.ok(); ++i) {
    r.skip(12);  // operating_point_idc
    const auto level = static_cast<std::uint8_t>(r.bits(5));
    const bool tier = level > 7 && r.flag();
    if (i == 0) {
      header.level = level;
      header.high_tier = tier;
    }
    if (model.present && r.flag()) r.skip(2 * model.delay_bits + 1);
    if (initial_delay_present && r.flag()) r.skip(4);
  }
}

// The tools between the frame size and the colours, 5.5.1
void skip_tools(BitReader& r, const SequenceHeader& header) {
  r.skip(3);  // superblock size, filter intra, intra edge filter
  if (header.reduced) {
    r.skip(3);
    return;
  }
  r.skip(4);  // interintra, masked, warped motion, dual filter
  const bool order_hint = r.flag();
  if (order_hint) r.skip(2);
  const bool select_screen = r.flag();
  const bool screen = select_screen || r.flag();
  if (screen && !r.flag()) r.skip(1);  // seq_choose_integer_mv, seq_force_integer_mv
  if (order_hint) r.skip(3);           // order_hint_bits_minus_1
  r.skip(3);                           // superres, cdef, restoration
}

// 5.5.2
void read_colours(BitReader& r, SequenceHeader& header) {
  const bool high_depth = r.flag();
  header.bits = header.profile == 2 && high_depth ? (r.flag() ? 12 : 10) : (high_depth ? 10 : 8);
  header.monochrome = header.profile != 1 && r.flag();
  std::uint32_t primaries = 2, transfer = 2, matrix = 2;
  if (r.flag()) {
    primaries = r.bits(8);
    transfer = r.bits(8);
    matrix = r.bits(8);
    header.picture.told = true;
    header.picture.primaries = static_cast<std::uint8_t>(primaries);
    header.picture.transfer = static_cast<std::uint8_t>(transfer);
    header.picture.matrix = static_cast<std::uint8_t>(matrix);
  }
  if (header.monochrome) {
    header.picture.full_range = r.flag();
    return;
  }
  if (primaries == 1 && transfer == 13 && matrix == 0) {  // sRGB
    header.picture.full_range = true;
    header.subsampling_x = header.subsampling_y = false;
  } else {
    header.picture.full_range = r.flag();
    if (header.profile == 1) {
      header.subsampling_x = header.subsampling_y = false;
    } else if (header.profile == 2 && header.bits == 12) {
      header.subsampling_x = r.flag();
      header.subsampling_y = header.subsampling_x && r.flag();
    } else if (header.profile == 2) {
      header.subsampling_y = false;
    }
    if (header.subsampling_x && header.subsampling_y) header.chroma_position = static_cast<std::uint8_t>(r.bits(2));
  }
  r.flag();  // separate_uv_delta_q
}

}  // namespace

std::optional<Obu> Obus::next() {
  if (in_.empty()) return std::nullopt;
  base::ByteReader r{in_};
  const std::uint8_t head = r.u8();
  if ((head & 0x04) != 0) r.u8();  // extension
  std::size_t size = r.left();
  if ((head & 0x02) != 0) {  // leb128(), 4.10.5
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) {
      const std::uint8_t byte = r.u8();
      value |= std::uint64_t{byte & 0x7fU} << (7 * i);
      if ((byte & 0x80) == 0) break;
    }
    if (value > r.left()) {
      ok_ = false;
      in_ = {};
      return std::nullopt;
    }
    size = value;
  }
  if (!r.ok() || (head & 0x80) != 0) {
    ok_ = false;
    in_ = {};
    return std::nullopt;
  }
  const std::size_t before = r.position();
  Obu obu{.type = static_cast<ObuType>(head >> 3 & 0x0f), .whole = in_.first(before + size), .payload = r.take(size)};
  in_ = in_.subspan(before + size);
  return obu;
}

base::Result<SequenceHeader> parse_sequence_header(base::Bytes payload) {
  if (payload.empty()) return Errc::empty;
  BitReader r{payload};
  SequenceHeader header;
  header.profile = static_cast<std::uint8_t>(r.bits(3));
  if (header.profile > 2) return Errc::bad_profile;
  header.still_picture = r.flag();
  header.reduced = r.flag();
  if (header.reduced) {
    header.level = static_cast<std::uint8_t>(r.bits(5));
  } else {
    DecoderModel model;
    read_timing(r, header, model);
    read_operating_points(r, header, model);
  }
  const unsigned width_bits = r.bits(4) + 1, height_bits = r.bits(4) + 1;
  header.width = r.bits(width_bits) + 1;
  header.height = r.bits(height_bits) + 1;
  if (!header.reduced && r.flag()) r.skip(4 + 3);  // frame ids
  skip_tools(r, header);
  read_colours(r, header);
  header.has_film_grain = r.flag();
  if (!r.ok()) return Errc::truncated;
  return header;
}

// Binding 2.3.3
base::Result<Configuration> parse_configuration(base::Bytes record) {
  if (record.empty()) return Errc::empty;
  base::ByteReader r{record};
  const std::uint8_t marker = r.u8();
  const std::uint8_t profile_level = r.u8();
  const std::uint8_t flags = r.u8();
  r.u8();  // initial presentation delay
  if (!r.ok()) return Errc::truncated;
  if (marker != 0x81) return Errc::bad_version;
  return Configuration{.profile = static_cast<std::uint8_t>(profile_level >> 5),
                       .level = static_cast<std::uint8_t>(profile_level & 0x1f),
                       .high_tier = (flags & 0x80) != 0,
                       .obus = r.rest()};
}

base::Buffer build_configuration(base::Bytes sequence_header_obu) {
  base::Buffer out;
  const auto obu = Obus(sequence_header_obu).next();
  if (!obu || obu->type != ObuType::sequence_header) return out;
  const auto header = parse_sequence_header(obu->payload);
  if (!header) return out;
  const auto bit = [](bool value, unsigned shift) { return value ? 1U << shift : 0U; };
  base::ByteWriter w{out};
  w.u8(0x81);
  w.u8(static_cast<unsigned>(header->profile) << 5 | header->level);
  w.u8(bit(header->high_tier, 7) | bit(header->bits > 8, 6) | bit(header->bits == 12, 5) | bit(header->monochrome, 4) |
       bit(header->subsampling_x, 3) | bit(header->subsampling_y, 2) | header->chroma_position);
  w.u8(0);
  w.bytes(obu->whole);
  return out;
}

std::string profile_text(std::uint8_t profile) {
  switch (profile) {
    case 0:
      return "Main";
    case 1:
      return "High";
    case 2:
      return "Professional";
    default:
      return "Other";
  }
}

// A.3: 0 is 2.0, then four to each whole number
std::string level_text(std::uint8_t level) {
  return level > 23 ? "Other" : fmt::format("{}.{}", 2 + level / 4, level % 4);
}

bool is_key(base::Bytes temporal_unit) {
  Obus obus(temporal_unit);
  bool has_header = false, still = false;
  while (const auto obu = obus.next()) {
    if (obu->type == ObuType::sequence_header && !obu->payload.empty()) {
      has_header = true;
      still = (obu->payload[0] & 0x08) != 0;  // reduced_still_picture_header
    }
    if (obu->type == ObuType::frame || obu->type == ObuType::frame_header) {
      // 5.9.2: show_existing_frame, then two bits of frame_type, of which zero is a key frame
      return has_header && (still || (!obu->payload.empty() && (obu->payload[0] & 0xe0) == 0));
    }
  }
  return false;
}

base::Bytes without_temporal_delimiter(base::Bytes temporal_unit) {
  Obus obus(temporal_unit);
  const auto first = obus.next();
  return first && first->type == ObuType::temporal_delimiter ? temporal_unit.subspan(first->whole.size())
                                                             : temporal_unit;
}

}  // namespace weir::codec::av1
