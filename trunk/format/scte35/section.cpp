#include "format/scte35/section.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "format/ts/psi.h"

namespace weir::scte35 {
namespace {

constexpr std::uint8_t table = 0xfc;
constexpr std::uint8_t command_null = 0, command_insert = 5, command_time_signal = 6, command_bandwidth = 7;
constexpr std::uint8_t segmentation_tag = 2;
constexpr std::uint32_t cuei = 0x43554549;  // "CUEI"

using Reader = base::ByteReader;

std::uint64_t u40(Reader& r) {
  const std::uint64_t high = r.u8();
  return high << 32 | r.u32();
}

// splice_time(), 9.8.1
std::optional<std::uint64_t> splice_time(Reader& r) {
  const std::uint64_t first = r.u8();
  if ((first & 0x80) == 0) return {};
  return (first & 1) << 32 | r.u32();
}

// 9.7.3
void read_insert(Reader& r, Section& out) {
  out.event = r.u32();
  if ((r.u8() & 0x80) != 0) {
    out.kind = Section::Kind::cancel;
    return;
  }
  const unsigned flags = r.u8();
  const bool program = (flags & 0x40) != 0, has_duration = (flags & 0x20) != 0, immediate = (flags & 0x10) != 0;
  out.kind = (flags & 0x80) != 0 ? Section::Kind::out : Section::Kind::in;
  if (program && !immediate) out.pts = splice_time(r);
  if (!program) {
    for (unsigned left = r.u8(); left > 0 && r.ok(); --left) {
      r.u8();
      const auto time = immediate ? std::nullopt : splice_time(r);
      if (!out.pts) out.pts = time;
    }
  }
  if (has_duration) out.duration = base::Ticks(static_cast<std::int64_t>(u40(r) & (pts_modulus - 1)));
}

// Table 22 and 23: even types begin something, the odd ones behind them end it.
Section::Kind kind_of(unsigned type) {
  const bool pairs = type == 0x10 || type == 0x11 || (type >= 0x20 && type <= 0x27) || (type >= 0x30 && type <= 0x3f) ||
                     (type >= 0x40 && type <= 0x51);
  if (!pairs) return Section::Kind::other;
  return type % 2 == 0 ? Section::Kind::out : Section::Kind::in;
}

// 10.3.3.1
void read_segmentation(Reader& r, Section& out) {
  if (r.u32() != cuei) return;
  out.event = r.u32();
  if ((r.u8() & 0x80) != 0) {
    out.kind = Section::Kind::cancel;
    return;
  }
  const unsigned flags = r.u8();
  if ((flags & 0x80) == 0) {
    for (unsigned left = r.u8(); left > 0 && r.ok(); --left) r.skip(6);
  }
  if ((flags & 0x40) != 0) out.duration = base::Ticks(static_cast<std::int64_t>(u40(r)));
  r.u8();
  r.skip(r.u8());
  const unsigned type = r.u8();
  if (r.ok()) out.kind = kind_of(type);
}

void read_descriptors(base::Bytes loop, Section& out) {
  for (std::size_t at = 0; at + 2 <= loop.size();) {
    const std::size_t size = loop[at + 1];
    if (at + 2 + size > loop.size()) return;
    Reader r(loop.subspan(at + 2, size));
    if (loop[at] == segmentation_tag && out.kind == Section::Kind::other) read_segmentation(r, out);
    at += 2 + size;
  }
}

// Section 9.6: the places of fields before the command.
constexpr std::size_t adjustment_at = 4, command_length_at = 11, command_at = 13, crc_bytes = 4;

void put_crc(base::Buffer& section) {
  const std::uint32_t crc = ts::crc32(section.bytes().first(section.size() - crc_bytes));
  for (std::size_t i = 0; i < crc_bytes; ++i) {
    section.data()[section.size() - crc_bytes + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  }
}

}  // namespace

std::optional<Section> parse(base::Bytes section) {
  if (section.size() < command_at + 1 + 2 + crc_bytes || section.size() > largest_section_bytes) return {};
  if (section[0] != table || section.size() != 3 + (static_cast<std::size_t>(section[1] & 0x0f) << 8 | section[2])) {
    return {};
  }
  if (ts::crc32(section) != 0) return {};
  if ((section[adjustment_at] & 0x80) != 0) return {};  // encrypted
  Section out;
  Reader head(section.subspan(adjustment_at, 5));
  const std::uint64_t adjustment = (u40(head)) & (pts_modulus - 1);
  const std::uint8_t* end = section.data() + section.size() - crc_bytes;
  out.crc = std::uint32_t{end[0]} << 24 | std::uint32_t{end[1]} << 16 | std::uint32_t{end[2]} << 8 | end[3];
  const std::size_t told =
      static_cast<std::size_t>(section[command_length_at] & 0x0f) << 8 | section[command_length_at + 1];
  const base::Bytes body = section.first(section.size() - crc_bytes).subspan(command_at + 1);
  Reader r(body);
  const std::uint8_t command = section[command_at];
  if (command == command_insert) {
    read_insert(r, out);
    if (out.kind != Section::Kind::cancel) r.skip(4);  // unique_program_id, avail_num, avails_expected
  } else if (command == command_time_signal) {
    out.pts = splice_time(r);
  } else {
    out.idle = command == command_null || command == command_bandwidth;
  }
  if (!r.ok()) return {};
  if (out.pts) *out.pts = (*out.pts + adjustment) % pts_modulus;
  // 0xfff: of encoders before the length was told (9.6.1); then it is what was read.
  const std::size_t size = told == 0xfff ? body.size() - r.left() : told;
  if (size + 2 > body.size()) return {};
  const std::size_t loop = static_cast<std::size_t>(body[size] << 8 | body[size + 1]);
  if (size + 2 + loop > body.size()) return {};
  if (command == command_time_signal) read_descriptors(body.subspan(size + 2, loop), out);
  return out;
}

base::Buffer moved(base::Bytes section, std::uint64_t from_pts, std::uint64_t to_pts) {
  base::Buffer out;
  out.append(section);
  Reader head(section.subspan(adjustment_at, 5));
  const std::uint64_t given = u40(head);
  const std::uint64_t adjustment =
      ((given & (pts_modulus - 1)) + to_pts + pts_modulus - from_pts % pts_modulus) % pts_modulus;
  const std::uint64_t written = (given & ~(pts_modulus - 1)) | adjustment;
  for (std::size_t i = 0; i < 5; ++i)
    out.data()[adjustment_at + i] = static_cast<std::uint8_t>(written >> (32 - 8 * i));
  put_crc(out);
  return out;
}

base::Buffer insert(std::uint32_t event, bool out_of_network, std::optional<base::Ticks> duration) {
  base::Buffer out;
  base::ByteWriter w(out);
  const std::size_t command = 4 + 1 + 1 + (duration ? 5 : 0) + 4;
  w.u8(table);
  w.u16(0x3000 | (command_at + 1 + command + 2 + crc_bytes - 3));
  w.u8(0);     // protocol_version
  w.zeros(5);  // in the clear, no adjustment
  w.u8(0);     // cw_index
  w.u8(0xff);  // tier 0xfff
  w.u16(0xf000 | command);
  w.u8(command_insert);
  w.u32(event);
  w.u8(0x7f);
  w.u8((out_of_network ? 0x80U : 0U) | 0x40U | (duration ? 0x20U : 0U) | 0x10U | 0x0fU);
  if (duration) {
    const auto ticks = static_cast<std::uint64_t>(std::max<std::int64_t>(duration->count(), 0)) & (pts_modulus - 1);
    w.u8(0x80 | 0x7e | ticks >> 32);  // auto_return
    w.u32(static_cast<std::uint32_t>(ticks));
  }
  w.u32(0x00010000);  // unique_program_id 1, no avails
  w.u16(0);           // descriptors
  w.u32(0);
  put_crc(out);
  return out;
}

std::string hex(base::Bytes section) {
  std::string out = "0x";
  for (const std::uint8_t byte : section) fmt::format_to(std::back_inserter(out), "{:02X}", byte);
  return out;
}

}  // namespace weir::scte35
