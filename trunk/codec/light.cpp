#include "codec/light.h"

#include <algorithm>
#include <cmath>

#include "base/bit_reader.h"
#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "codec/av1.h"
#include "codec/hevc.h"
#include "codec/nal.h"

namespace weir::codec {
namespace {

constexpr unsigned sei_mastering = 137, sei_level = 144;                  // of H.264 and HEVC
constexpr std::size_t mastering_bytes = 24, level_bytes = 4;              // of their payloads
constexpr std::uint8_t metadata_level = 1, metadata_mastering = 2;        // 5.8.2 of AV1
constexpr std::size_t hevc_arrays_at = 22;                                // in its record
constexpr std::uint8_t hevc_sei_array = 39, hevc_sei_head[] = {0x4e, 1};  // PREFIX_SEI_NUT, temporal id 0

void read_mastering(base::ByteReader& r, Light& light) {
  Light::Mastering read;
  for (auto& value : read.chromaticity) value = r.u16();
  read.most = r.u32();
  read.least = r.u32();
  if (r.ok()) light.mastering = read;
}
void read_level(base::ByteReader& r, Light& light) {
  Light::Level read;
  read.most = r.u16();
  read.most_average = r.u16();
  // D.3.35: zero is not known.
  if (r.ok() && (read.most != 0 || read.most_average != 0)) light.level = read;
}

// The messages of an SEI unit: sei_message(), 7.3.2.3.1 of H.264 and 7.3.5 of HEVC.
void read_sei(base::Bytes unit, bool hevc, Light& light) {
  const auto raw = base::without_emulation_prevention(unit);
  base::ByteReader r{raw};
  r.skip(hevc ? 2 : 1);
  while (r.ok() && r.left() > 2) {  // behind them are trailing bits
    const auto number = [&r] {
      unsigned value = 0;
      std::uint8_t byte = 0;
      do value += byte = r.u8();
      while (byte == 0xff && r.ok());
      return value;
    };
    const unsigned type = number(), size = number();
    if (!r.ok() || size > r.left()) return;
    base::ByteReader payload{r.take(size)};
    if (type == sei_mastering && size >= mastering_bytes) read_mastering(payload, light);
    if (type == sei_level && size >= level_bytes) read_level(payload, light);
  }
}

bool is_sei(base::Bytes unit, bool hevc) {
  const unsigned type = hevc ? unit[0] >> 1 & 0x3f : unit[0] & 0x1f;
  return hevc ? type == hevc_sei_array : type == 6;
}

std::uint32_t scaled(std::uint32_t value, double from, double to) {
  return static_cast<std::uint32_t>(std::lround(value * to / from));
}

// 6.7.4: red, green, blue, white in 65536ths; luminance in 256ths and in 16384ths.
void read_metadata(base::Bytes payload, Light& light) {
  if (payload.empty()) return;
  base::ByteReader r{payload};
  const std::uint8_t type = r.u8();  // a leb128 of one byte for both
  if (type == metadata_level) return read_level(r, light);
  if (type != metadata_mastering) return;
  Light::Mastering read;
  constexpr std::size_t place[] = {4, 5, 0, 1, 2, 3, 6, 7};
  for (const std::size_t at : place)
    read.chromaticity[at] = static_cast<std::uint16_t>(scaled(r.u16(), 65'536, 50'000));
  read.most = scaled(r.u32(), 256, 10'000);
  read.least = scaled(r.u32(), 16'384, 10'000);
  if (r.ok()) light.mastering = read;
}

void write_emulation_prevention(base::ByteWriter& w, base::Bytes raw) {
  unsigned zeros = 0;
  for (const std::uint8_t byte : raw) {
    if (zeros >= 2 && byte <= 3) {
      w.u8(3);
      zeros = 0;
    }
    w.u8(byte);
    zeros = byte == 0 ? zeros + 1 : 0;
  }
}

base::Buffer hevc_sei(const Light& light) {
  base::Buffer raw;
  base::ByteWriter r(raw);
  r.bytes(hevc_sei_head);
  if (light.mastering) {
    r.u8(sei_mastering);
    r.u8(mastering_bytes);
    for (const std::uint16_t value : light.mastering->chromaticity) r.u16(value);
    r.u32(light.mastering->most);
    r.u32(light.mastering->least);
  }
  if (light.level) {
    r.u8(sei_level);
    r.u8(level_bytes);
    r.u16(light.level->most);
    r.u16(light.level->most_average);
  }
  r.u8(0x80);
  base::Buffer out;
  base::ByteWriter w(out);
  write_emulation_prevention(w, raw);
  return out;
}

// One metadata OBU with its size.
void write_metadata(base::ByteWriter& w, std::uint8_t type, const base::Buffer& body) {
  w.u8(static_cast<unsigned>(av1::ObuType::metadata) << 3 | 0x02U);
  w.u8(body.size() + 2);
  w.u8(type);
  w.bytes(body);
  w.u8(0x80);  // trailing_bits()
}

// Gives all units of an hvcC record to `take`. Whether it ends where its arrays do.
template <class Take>
bool each_unit(base::Bytes record, Take take) {
  base::ByteReader r{record};
  r.skip(hevc_arrays_at);
  const unsigned arrays = r.u8();
  for (unsigned i = 0; i < arrays && r.ok(); ++i) {
    r.skip(1);
    const unsigned count = r.u16();
    for (unsigned n = 0; n < count && r.ok(); ++n) {
      const std::uint16_t size = r.u16();
      if (!r.ok() || size > r.left()) return false;
      if (const base::Bytes unit = r.take(size); !unit.empty()) take(unit);
    }
  }
  return r.ok() && r.left() == 0;
}

base::Buffer copy_of(base::Bytes in) {
  base::Buffer out;
  out.append(in);
  return out;
}

}  // namespace

Light light_of_units(base::Bytes access_unit, unsigned nal_length_bytes, bool hevc) {
  Light light;
  nal::LengthPrefixed units(access_unit, nal_length_bytes);
  while (const auto unit = units.next()) {
    if (is_sei(*unit, hevc)) read_sei(*unit, hevc, light);
  }
  return light;
}

Light light_of_hevc_record(base::Bytes record) {
  Light light;
  (void)each_unit(record, [&light](base::Bytes unit) {
    if (is_sei(unit, true)) read_sei(unit, true, light);
  });
  return light;
}

Light light_of_obus(base::Bytes in) {
  Light light;
  av1::Obus obus(in);
  while (const auto obu = obus.next()) {
    if (obu->type == av1::ObuType::metadata) read_metadata(obu->payload, light);
  }
  return light;
}

base::Buffer hevc_record_with(base::Bytes record, const Light& light) {
  if (!light.told() || !hevc::parse_configuration(record) || record[hevc_arrays_at] == 0xff ||
      light_of_hevc_record(record) == light || !each_unit(record, [](base::Bytes) {})) {
    return copy_of(record);
  }
  base::Buffer out = copy_of(record);
  ++out.data()[hevc_arrays_at];
  const base::Buffer unit = hevc_sei(light);
  base::ByteWriter w(out);
  w.u8(hevc_sei_array);  // more may come in band
  w.u16(1);
  w.u16(unit.size());
  w.bytes(unit);
  return out;
}

base::Buffer av1_record_with(base::Bytes record, const Light& light) {
  base::Buffer out = copy_of(record);
  const auto read = av1::parse_configuration(record);
  if (!light.told() || !read || read->obus.empty() || light_of_obus(read->obus) == light) return out;
  base::ByteWriter w(out);
  if (light.level) {
    base::Buffer body;
    base::ByteWriter b(body);
    b.u16(light.level->most);
    b.u16(light.level->most_average);
    write_metadata(w, metadata_level, body);
  }
  if (light.mastering) {
    base::Buffer body;
    base::ByteWriter b(body);
    constexpr std::size_t place[] = {4, 5, 0, 1, 2, 3, 6, 7};
    for (const std::size_t at : place) b.u16(scaled(light.mastering->chromaticity[at], 50'000, 65'536));
    b.u32(scaled(light.mastering->most, 10'000, 256));
    b.u32(scaled(light.mastering->least, 10'000, 16'384));
    write_metadata(w, metadata_mastering, body);
  }
  return out;
}

}  // namespace weir::codec
