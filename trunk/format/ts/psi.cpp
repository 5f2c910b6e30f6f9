#include "format/ts/psi.h"

#include <array>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace weir::ts {
namespace {

constexpr std::uint8_t table_pat = 0x00;
constexpr std::uint8_t table_pmt = 0x02;
constexpr std::size_t crc_bytes = 4;

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i << 24;
    for (int bit = 0; bit < 8; ++bit) value = (value & 0x80000000U) != 0 ? value << 1 ^ 0x04c11db7U : value << 1;
    table[i] = value;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> crc_table = make_crc_table();

// What every table with the long syntax begins with, 2.4.4.3 and 2.4.4.8.
struct TableHead {
  std::uint16_t id = 0;
  std::uint8_t version = 0;
  bool current = true;
};

// Checks a section and leaves `body` between head and checksum.
base::Result<TableHead> parse_head(base::Bytes section, std::uint8_t table, base::Bytes& body) {
  base::ByteReader r{section};
  const std::uint8_t id = r.u8();
  const std::uint16_t length = r.u16();
  if (!r.ok()) return Errc::truncated;
  const std::size_t size = length & 0x0fffU;
  if (size + 3 > largest_section_bytes) return Errc::section_too_long;
  if (size > r.left()) return Errc::truncated;
  if (id != table) return Errc::wrong_table;
  if ((length & 0x8000U) == 0 || size < 5 + crc_bytes) return Errc::not_a_table;
  const base::Bytes whole = section.first(size + 3);
  if (crc32(whole) != 0) return Errc::bad_crc;
  TableHead head;
  head.id = r.u16();
  const std::uint8_t flags = r.u8();
  head.version = flags >> 1 & 0x1f;
  head.current = (flags & 1) != 0;
  body = whole.subspan(8, size - 5 - crc_bytes);
  return head;
}

void begin_section(base::ByteWriter& w, std::uint8_t table, std::uint16_t id, std::uint8_t version, bool current) {
  w.u8(table);
  w.u16(0xb000);  // section syntax, reserved bits; the length is patched
  w.u16(id);
  w.u8(0xc0U | static_cast<unsigned>(version & 0x1f) << 1 | (current ? 1U : 0U));
  w.u8(0);  // section number
  w.u8(0);  // last section number
}

void end_section(base::ByteWriter& w, base::Buffer& out) {
  w.patch16(1, 0xb000U | (out.size() - 3 + crc_bytes));
  w.u32(crc32(out));
}

}  // namespace

std::uint32_t crc32(base::Bytes bytes) {
  std::uint32_t value = 0xffffffffU;
  for (const std::uint8_t byte : bytes) value = value << 8 ^ crc_table[value >> 24 ^ byte];
  return value;
}

base::Result<Pat> parse_pat(base::Bytes section) {
  base::Bytes body;
  TRY(const TableHead head, parse_head(section, table_pat, body));
  Pat pat{.transport_stream_id = head.id, .version = head.version, .current = head.current, .programs = {}};
  base::ByteReader r{body};
  while (r.left() >= 4) {
    const std::uint16_t number = r.u16();
    const Pid pid = r.u16() & 0x1fff;
    if (pat.programs.size() == Pat::largest_programs) return Errc::too_many_programs;
    pat.programs.push_back({number, pid});
  }
  return pat;
}

base::Result<Pmt> parse_pmt(base::Bytes section) {
  base::Bytes body;
  TRY(const TableHead head, parse_head(section, table_pmt, body));
  Pmt pmt{.program = head.id, .version = head.version, .current = head.current};
  base::ByteReader r{body};
  pmt.pcr_pid = r.u16() & 0x1fff;
  const base::Bytes of_program = r.take(r.u16() & 0x0fff);
  if (!r.ok()) return Errc::descriptor_past_end;
  pmt.descriptors.assign(of_program.begin(), of_program.end());
  while (r.left() >= 5) {
    if (pmt.streams.size() == Pmt::largest_streams) return Errc::too_many_streams;
    PmtStream stream;
    stream.stream_type = r.u8();
    stream.pid = r.u16() & 0x1fff;
    const base::Bytes descriptors = r.take(r.u16() & 0x0fff);
    if (!r.ok()) return Errc::descriptor_past_end;
    stream.descriptors.assign(descriptors.begin(), descriptors.end());
    pmt.streams.push_back(std::move(stream));
  }
  return pmt;
}

base::Buffer write_pat(const Pat& pat) {
  base::Buffer out;
  base::ByteWriter w(out);
  begin_section(w, table_pat, pat.transport_stream_id, pat.version, pat.current);
  for (const Pat::Program& program : pat.programs) {
    w.u16(program.number);
    w.u16(0xe000U | program.pmt_pid);
  }
  end_section(w, out);
  return out;
}

base::Buffer write_pmt(const Pmt& pmt) {
  base::Buffer out;
  base::ByteWriter w(out);
  begin_section(w, table_pmt, pmt.program, pmt.version, pmt.current);
  w.u16(0xe000U | pmt.pcr_pid);
  w.u16(0xf000U | pmt.descriptors.size());
  w.bytes(pmt.descriptors);
  for (const PmtStream& stream : pmt.streams) {
    w.u8(stream.stream_type);
    w.u16(0xe000U | stream.pid);
    w.u16(0xf000U | stream.descriptors.size());
    w.bytes(stream.descriptors);
  }
  end_section(w, out);
  return out;
}

std::optional<base::Bytes> find_descriptor(base::Bytes descriptors, std::uint8_t tag) {
  base::ByteReader r{descriptors};
  while (r.left() >= 2) {
    const std::uint8_t found = r.u8();
    const base::Bytes data = r.take(r.u8());
    if (!r.ok()) return {};
    if (found == tag) return data;
  }
  return {};
}

}  // namespace weir::ts
