#include "format/ps/syntax.h"

#include <fmt/format.h>

#include <cstring>

#include "base/byte_reader.h"

namespace weir::ps {

using base::Bytes;
using media::Codec;

namespace {

// ISO 13818-1 table 2-34, and GB/T 28181 annex C.
struct Type {
  std::uint8_t number;
  Codec codec;
  const char* name;
};
constexpr Type types[] = {
    {0x1b, Codec::h264, "H.264"},        {0x24, Codec::hevc, "H.265"},        {0x0f, Codec::aac, "AAC"},
    {0x90, Codec::pcma, "G.711 A-law"},  {0x91, Codec::pcmu, "G.711 u-law"},  {0x03, Codec::mp3, "MPEG audio"},
    {0x04, Codec::mp3, "MPEG audio"},    {0x01, Codec::none, "MPEG-1 video"}, {0x02, Codec::none, "MPEG-2 video"},
    {0x10, Codec::none, "MPEG-4 video"}, {0x80, Codec::none, "SVAC video"},   {0x92, Codec::none, "G.722.1"},
    {0x93, Codec::none, "G.723.1"},      {0x99, Codec::none, "G.729"},        {0x9b, Codec::none, "SVAC audio"},
};

template <class Matches>
std::size_t find(Bytes in, Matches matches) {
  const std::uint8_t* const begin = in.data();
  std::size_t at = 2;
  while (at + 1 < in.size()) {
    // As in codec/nal: every byte that is no one is passed at once.
    const void* one = std::memchr(begin + at, 1, in.size() - 1 - at);
    if (!one) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(one) - begin);
    if (begin[at - 1] == 0 && begin[at - 2] == 0 && matches(begin[at + 1])) return at - 2;
    ++at;
  }
  return in.size();
}

}  // namespace

std::size_t find_start_code(Bytes in) {
  return find(in, [](std::uint8_t id) { return id >= first_id; });
}

std::size_t find_start_code(Bytes in, std::uint8_t id) {
  return find(in, [id](std::uint8_t found) { return found == id; });
}

std::optional<PackHeader> parse_pack_header(Bytes in) {
  if (in.size() < 12) return std::nullopt;
  PackHeader header;
  const auto bits = [&](std::size_t at, unsigned shift, std::uint64_t mask) {
    return static_cast<std::uint64_t>(in[at]) >> shift & mask;
  };
  if ((in[4] & 0xc0) == 0x40) {
    if (in.size() < 14) return std::nullopt;
    header.bytes = std::size_t{14} + (in[13] & 7U);
    header.clock = bits(4, 3, 7) << 30 | bits(4, 0, 3) << 28 | bits(5, 0, 0xff) << 20 | bits(6, 3, 0x1f) << 15 |
                   bits(6, 0, 3) << 13 | bits(7, 0, 0xff) << 5 | bits(8, 3, 0x1f);
    return header;
  }
  if ((in[4] & 0xf0) == 0x20) {
    header.bytes = 12;
    header.clock = bits(4, 1, 7) << 30 | bits(5, 0, 0xff) << 22 | bits(6, 1, 0x7f) << 15 | bits(7, 0, 0xff) << 7 |
                   bits(8, 1, 0x7f);
    return header;
  }
  return std::nullopt;
}

std::vector<MapEntry> parse_map(Bytes in) {
  constexpr std::size_t most_entries = 16, checksum = 4;
  std::vector<MapEntry> entries;
  base::ByteReader r{in};
  r.skip(4 + 2);    // start code, length
  r.skip(2);        // version, marker
  r.skip(r.u16());  // program_stream_info
  const std::size_t said = r.u16();
  if (!r.ok()) return entries;
  // The list ends before the checksum, whatever its length says.
  const std::size_t room = r.left() > checksum ? r.left() - checksum : 0;
  base::ByteReader list{r.take(said == 0 ? room : std::min(said, room))};
  while (list.left() >= 4 && entries.size() < most_entries) {
    MapEntry entry;
    entry.type = list.u8();
    entry.id = list.u8();
    list.skip(list.u16());  // descriptors
    entries.push_back(entry);
  }
  return entries;
}

Codec codec_of_type(std::uint8_t type) {
  for (const Type& one : types) {
    if (one.number == type) return one.codec;
  }
  return Codec::none;
}

std::optional<std::uint8_t> type_of_codec(Codec codec) {
  if (codec == Codec::none) return std::nullopt;
  if (codec == Codec::mp2) codec = Codec::mp3;  // one type for all layers
  for (const Type& one : types) {
    if (one.codec == codec) return one.number;
  }
  return std::nullopt;
}

std::string name_of_type(std::uint8_t type) {
  for (const Type& one : types) {
    if (one.number == type) return one.name;
  }
  return fmt::format("stream type {:#04x}", type);
}

}  // namespace weir::ps
