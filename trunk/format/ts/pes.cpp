#include "format/ts/pes.h"

#include "base/byte_reader.h"

namespace weir::ts {
namespace {

// Streams whose packets have no header beyond the length: program stream map, padding, private_stream_2, ECM, EMM,
// DSM-CC, H.222.1 type E, directory. 2.4.3.6
bool has_plain_header(std::uint8_t stream_id) {
  switch (stream_id) {
    case 0xbc:
    case 0xbe:
    case 0xbf:
    case 0xf0:
    case 0xf1:
    case 0xf2:
    case 0xf8:
    case 0xff:
      return true;
    default:
      return false;
  }
}

// Five bytes with three marker bits. The markers are not insisted on: some encoders leave them out.
std::uint64_t read_time(base::ByteReader& r) {
  const std::uint64_t high = r.u8() >> 1 & 7;
  const std::uint64_t middle = r.u16() >> 1;
  const std::uint64_t low = r.u16() >> 1;
  return high << 30 | middle << 15 | low;
}

std::uint8_t* write_time(std::uint8_t* out, unsigned prefix, std::uint64_t time) {
  *out++ = static_cast<std::uint8_t>(prefix << 4 | (time >> 30 & 7) << 1 | 1);
  *out++ = static_cast<std::uint8_t>(time >> 22);
  *out++ = static_cast<std::uint8_t>((time >> 15 & 0x7f) << 1 | 1);
  *out++ = static_cast<std::uint8_t>(time >> 7);
  *out++ = static_cast<std::uint8_t>((time & 0x7f) << 1 | 1);
  return out;
}

}  // namespace

bool has_whole_pes_header(base::Bytes in) {
  if (in.size() < 6) return false;
  if (has_plain_header(in[3])) return true;
  return in.size() >= 9 && in.size() >= std::size_t{9} + in[8];
}

base::Result<PesHeader> parse_pes_header(base::Bytes in) {
  base::ByteReader r{in};
  const std::uint32_t prefix = r.u24();
  PesHeader header;
  header.stream_id = r.u8();
  const std::size_t length = r.u16();
  if (!r.ok()) return Errc::truncated;
  if (prefix != 1) return Errc::no_start_code;
  header.header_bytes = 6;
  header.bounded = length != 0;
  if (has_plain_header(header.stream_id)) {
    header.payload_bytes = length;
    return header;
  }
  const std::uint8_t marker = r.u8();
  const std::uint8_t flags = r.u8();
  const std::size_t optional_bytes = r.u8();
  base::ByteReader fields{r.take(optional_bytes)};
  if (!r.ok()) return Errc::truncated;
  if ((marker & 0xc0) != 0x80) return Errc::bad_pes_header;
  header.header_bytes = 9 + optional_bytes;
  if (header.bounded) {
    if (length < 3 + optional_bytes) return Errc::bad_pes_header;
    header.payload_bytes = length - 3 - optional_bytes;
  }
  if ((flags & 0x80) != 0) header.pts = read_time(fields);
  if ((flags & 0xc0) == 0xc0) header.dts = read_time(fields);
  if (!fields.ok()) return Errc::bad_pes_header;
  return header;
}

std::size_t write_pes_header(std::uint8_t* out, std::uint8_t stream_id, std::uint64_t pts, std::uint64_t dts,
                             std::size_t payload) {
  const bool both = pts != dts;
  const std::size_t fields = both ? 10 : 5;
  const std::size_t length = payload + 3 + fields;
  out[0] = 0;
  out[1] = 0;
  out[2] = 1;
  out[3] = stream_id;
  const std::size_t written = length > 0xffff ? 0 : length;
  out[4] = static_cast<std::uint8_t>(written >> 8);
  out[5] = static_cast<std::uint8_t>(written);
  out[6] = 0x84;  // data_alignment_indicator: an access unit begins with the payload
  out[7] = both ? 0xc0 : 0x80;
  out[8] = static_cast<std::uint8_t>(fields);
  std::uint8_t* at = write_time(out + 9, both ? 3 : 2, pts);
  if (both) write_time(at, 1, dts);
  return 9 + fields;
}

}  // namespace weir::ts
