#include "format/flv/mend.h"

#include <algorithm>

#include "base/bit_reader.h"
#include "codec/avc.h"
#include "codec/hevc.h"
#include "codec/nal.h"

namespace weir::flv {

namespace {

using base::Bytes;
using codec::nal::AnnexB;
using codec::nal::LengthPrefixed;
using media::Codec;

enum class Prefix : std::uint8_t {
  clean,   // lengths that add up, of units with bytes
  untidy,  // lengths that add up but for empty units, or for zeros at the end
  other,
};

Prefix prefix_of(Bytes in, unsigned length_bytes) {
  bool tidy = true, any = false;
  while (!in.empty()) {
    std::size_t size = 0;
    if (in.size() >= length_bytes) {
      for (unsigned i = 0; i < length_bytes; ++i) size = size << 8 | in[i];
    }
    if (in.size() < length_bytes || size > in.size() - length_bytes) {
      const bool padding = any && std::all_of(in.begin(), in.end(), [](std::uint8_t byte) { return byte == 0; });
      return padding ? Prefix::untidy : Prefix::other;
    }
    tidy &= size != 0;
    any |= size != 0;
    in = in.subspan(length_bytes + size);
  }
  if (!any) return Prefix::other;
  return tidy ? Prefix::clean : Prefix::untidy;
}

template <class Units>
base::SharedBytes rewritten(Units units, unsigned length_bytes) {
  std::size_t total = 0;
  for (Units left = units; const auto unit = left.next();) {
    if (length_bytes < 4 && unit->size() >> (8 * length_bytes) != 0) return {};
    total += length_bytes + unit->size();
  }
  if (total == 0) return {};
  const base::Block block = base::Block::allocate(total);
  std::uint8_t* at = block.data();
  while (const auto unit = units.next()) {
    for (unsigned i = length_bytes; i-- > 0;) *at++ = static_cast<std::uint8_t>(unit->size() >> (8 * i));
    at = std::copy(unit->begin(), unit->end(), at);
  }
  return {block, block.data(), total};
}

// What the pictures of an access unit say of it.
struct Look {
  bool picture = false, entry = false, intra = false, recovery = false;
};

// 7.3.3: first_mb_in_slice, then slice_type, of which two and four in five are intra. D.1: recovery point is 6.
void look_at_avc(Bytes unit, Look& look) {
  using codec::avc::NalType;
  const auto type = codec::avc::nal_type(unit[0]);
  if (type == NalType::idr) look.picture = look.entry = true;
  if (type == NalType::sei) look.recovery |= unit.size() > 2 && unit[1] == 6;
  if ((unit[0] & 0x1f) != 1 && (unit[0] & 0x1f) != 2) return;
  base::BitReader r(unit.subspan(1, std::min<std::size_t>(unit.size() - 1, 16)));
  r.ue();
  const std::uint32_t slice = r.ue();
  const bool intra = !r.ok() || slice % 5 == 2 || slice % 5 == 4;  // one that cannot be read proves nothing
  look.intra = intra && (!look.picture || look.intra);
  look.picture = true;
}

void look_at_hevc(Bytes unit, Look& look) {
  const auto type = codec::hevc::nal_type(unit[0]);
  if (codec::hevc::is_random_access(type)) look.picture = look.entry = true;
  if (static_cast<std::uint8_t>(type) < 16) look.picture = true;
  if (type == codec::hevc::NalType::prefix_sei) look.recovery |= unit.size() > 3 && unit[2] == 6;
}

struct Sets {
  std::vector<Bytes> vps, sps, pps;
};

template <class Units>
Sets sets_in(Codec codec, Units units) {
  Sets out;
  while (const auto unit = units.next()) {
    if (codec == Codec::h264) {
      const auto type = codec::avc::nal_type((*unit)[0]);
      if (type == codec::avc::NalType::sps) out.sps.push_back(*unit);
      if (type == codec::avc::NalType::pps) out.pps.push_back(*unit);
    } else {
      const auto type = codec::hevc::nal_type((*unit)[0]);
      if (type == codec::hevc::NalType::vps) out.vps.push_back(*unit);
      if (type == codec::hevc::NalType::sps) out.sps.push_back(*unit);
      if (type == codec::hevc::NalType::pps) out.pps.push_back(*unit);
    }
  }
  return out;
}

}  // namespace

bool has_start_code(Bytes bytes) {
  const std::size_t zeros = bytes.size() > 3 && bytes[2] == 0 ? 3 : 2;
  return bytes.size() > zeros + 1 && bytes[0] == 0 && bytes[1] == 0 && bytes[zeros] == 1;
}

base::SharedBytes mend_units(const base::SharedBytes& frame, unsigned nal_length_bytes) {
  const Prefix prefix = prefix_of(frame, nal_length_bytes);
  if (prefix == Prefix::clean) return frame;
  base::SharedBytes out;
  if (prefix == Prefix::untidy) out = rewritten(LengthPrefixed(frame, nal_length_bytes), nal_length_bytes);
  if (prefix == Prefix::other && has_start_code(frame)) out = rewritten(AnnexB(frame), nal_length_bytes);
  return out.empty() ? frame : out;
}

bool is_entry(Codec codec, Bytes frame, unsigned nal_length_bytes, bool flagged) {
  Look look;
  LengthPrefixed units(frame, nal_length_bytes);
  while (const auto unit = units.next()) {
    if (codec == Codec::h264) {
      look_at_avc(*unit, look);
    } else {
      look_at_hevc(*unit, look);
    }
  }
  if (look.entry) return true;
  if (!units.ok() || !look.picture) return flagged;
  return flagged && (look.intra || look.recovery);
}

base::Buffer configuration_in(Codec codec, Bytes units) {
  const bool lengths = prefix_of(units, 4) != Prefix::other;
  if (!lengths && !has_start_code(units)) return {};
  const Sets sets = lengths ? sets_in(codec, LengthPrefixed(units, 4)) : sets_in(codec, AnnexB(units));
  if (sets.sps.empty() || sets.pps.empty()) return {};
  if (codec == Codec::h264) return codec::avc::build_configuration(sets.sps, sets.pps);
  return sets.vps.empty() ? base::Buffer{} : codec::hevc::build_configuration(sets.vps, sets.sps, sets.pps);
}

bool begins_with_adts(Bytes bytes) { return bytes.size() >= 2 && bytes[0] == 0xff && (bytes[1] & 0xf6) == 0xf0; }

std::vector<Bytes> units_in_adts(Bytes bytes) {
  std::vector<Bytes> out;
  while (begins_with_adts(bytes)) {
    const auto header = codec::aac::parse_adts_header(bytes);
    if (!header || header->raw_blocks != 1 || header->frame_bytes > bytes.size()) return {};
    if (header->frame_bytes > header->header_bytes) {
      out.push_back(bytes.subspan(header->header_bytes, std::size_t{header->frame_bytes} - header->header_bytes));
    }
    bytes = bytes.subspan(header->frame_bytes);
  }
  return bytes.empty() ? out : std::vector<Bytes>{};
}

}  // namespace weir::flv
