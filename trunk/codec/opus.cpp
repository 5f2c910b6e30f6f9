#include "codec/opus.h"

#include <array>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace weir::codec::opus {

base::Result<Head> parse_head(base::Bytes in) {
  if (in.empty()) return Errc::empty;
  base::ByteReader r{in};
  const std::string_view magic = r.text(8);
  const std::uint8_t version = r.u8();
  Head head;
  head.channels = r.u8();
  head.pre_skip = r.u16le();
  head.input_sample_rate = r.u32le();
  head.gain = static_cast<std::int16_t>(r.u16le());
  head.mapping_family = r.u8();
  if (!r.ok()) return Errc::truncated;
  if (magic != "OpusHead") return Errc::bad_sync;
  if (version >> 4 != 0) return Errc::bad_version;  // the upper half is the major version
  if (head.channels == 0 || (head.mapping_family == 0 && head.channels > 2)) return Errc::bad_channels;
  return head;
}

base::Buffer build_head(const Head& head) {
  base::Buffer out;
  base::ByteWriter w{out};
  w.text("OpusHead");
  w.u8(1);
  w.u8(head.channels);
  w.u16le(head.pre_skip);
  w.u32le(head.input_sample_rate);
  w.u16le(static_cast<std::uint16_t>(head.gain));
  if (head.channels <= 2) {
    w.u8(0);
    return out;
  }
  // 5.1.1.2: the Vorbis order; streams, coupled ones among them, and which decoded channel each output is.
  struct Layout {
    std::uint8_t streams, coupled;
    std::array<std::uint8_t, 8> order;
  };
  constexpr std::array<Layout, 6> layouts{{{2, 1, {0, 2, 1}},
                                           {2, 2, {0, 1, 2, 3}},
                                           {3, 2, {0, 4, 1, 2, 3}},
                                           {4, 2, {0, 4, 1, 2, 3, 5}},
                                           {4, 3, {0, 4, 1, 2, 3, 5, 6}},
                                           {5, 3, {0, 6, 1, 2, 3, 4, 5, 7}}}};
  if (head.channels > 8) return {};
  const Layout& layout = layouts[head.channels - 3U];
  w.u8(1);
  w.u8(layout.streams);
  w.u8(layout.coupled);
  w.bytes(base::Bytes(layout.order).first(head.channels));
  return out;
}

base::Result<Packet> parse_packet(base::Bytes packet) {
  constexpr std::array<std::uint16_t, 4> silk{900, 1800, 3600, 5400};  // 10, 20, 40, 60 ms in ticks
  constexpr std::array<std::uint16_t, 4> celt{225, 450, 900, 1800};    // 2.5, 5, 10, 20 ms
  constexpr base::Ticks longest = std::chrono::milliseconds(120);
  if (packet.empty()) return Errc::empty;
  const unsigned configuration = packet[0] >> 3;
  std::uint16_t each = 0;
  if (configuration < 12) {
    each = silk[configuration % 4];
  } else if (configuration < 16) {  // hybrid: 10 and 20 ms
    each = silk[configuration % 2];
  } else {
    each = celt[configuration % 4];
  }
  Packet out;
  out.channels = (packet[0] & 4) != 0 ? 2 : 1;
  switch (packet[0] & 3) {
    case 0:
      out.frames = 1;
      break;
    case 3:
      if (packet.size() < 2) return Errc::truncated;
      out.frames = packet[1] & 0x3f;
      break;
    default:
      out.frames = 2;
  }
  out.duration = base::Ticks(std::int64_t{each} * out.frames);
  if (out.frames == 0 || out.duration > longest) return Errc::bad_parameter;
  return out;
}

}  // namespace weir::codec::opus
