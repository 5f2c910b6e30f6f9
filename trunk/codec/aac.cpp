#include "codec/aac.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/bit_reader.h"
#include "base/byte_writer.h"

namespace weir::codec::aac {

namespace {

using base::BitReader;

constexpr std::array<std::uint32_t, 13> rates{96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                              22050, 16000, 12000, 11025, 8000,  7350};
constexpr std::uint8_t escape_index = 15;
constexpr std::uint8_t sbr_type = 5, ps_type = 29, bsac_type = 22;

// Table 1.19
constexpr std::array<std::uint8_t, 16> channel_counts{0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};

std::uint8_t read_object_type(BitReader& r) {
  const std::uint32_t type = r.bits(5);
  return static_cast<std::uint8_t>(type == 31 ? 32 + r.bits(6) : type);
}

base::Result<std::uint32_t> read_rate(BitReader& r) {
  const std::uint32_t index = r.bits(4);
  const std::uint32_t rate = index == escape_index ? r.bits(24) : (index < rates.size() ? rates[index] : 0);
  if (!r.ok()) return Errc::truncated;
  if (rate == 0 || rate > 192'000) return Errc::bad_sample_rate;
  return rate;
}

// program_config_element, 4.4.1.1, up to the alignment before its comment: how many channels there are
std::uint8_t read_program_element(BitReader& r) {
  r.skip(4 + 2 + 4);  // tag, object type, rate
  const unsigned front = r.bits(4), side = r.bits(4), back = r.bits(4);
  const unsigned lfe = r.bits(2), associated = r.bits(3), coupling = r.bits(4);
  if (r.flag()) r.skip(4);  // mono mixdown
  if (r.flag()) r.skip(4);  // stereo mixdown
  if (r.flag()) r.skip(3);  // matrix mixdown
  unsigned channels = lfe;
  for (unsigned i = 0; i < front + side + back; ++i) {
    channels += r.flag() ? 2 : 1;  // is a channel pair
    r.skip(4);
  }
  r.skip(std::size_t{4} * lfe + std::size_t{4} * associated + std::size_t{5} * coupling);
  return static_cast<std::uint8_t>(channels);
}

std::uint8_t read_program_channels(BitReader& r) {
  const std::uint8_t channels = read_program_element(r);
  r.skip((8 - r.position() % 8) % 8);
  r.skip(std::size_t{8} * r.bits(8));  // comment
  return channels;
}

// Bits to bytes, in order.
class BitWriter {
 public:
  void put(std::uint32_t value, unsigned count) {
    for (unsigned i = count; i-- > 0;) put_bit((value >> i & 1) != 0);
  }
  void copy(BitReader from, std::size_t count) {
    for (; count > 0; --count) put_bit(from.flag());
  }
  void align() {
    while (used_ != 0) put_bit(false);
  }
  base::Buffer take() {
    align();
    return std::move(out_);
  }

 private:
  void put_bit(bool bit) {
    byte_ = static_cast<std::uint8_t>(byte_ << 1 | (bit ? 1 : 0));
    if (++used_ < 8) return;
    base::ByteWriter(out_).u8(byte_);
    byte_ = 0;
    used_ = 0;
  }
  base::Buffer out_;
  std::uint8_t byte_ = 0;
  unsigned used_ = 0;
};

// table 4.85: ID_PCE
constexpr std::uint32_t program_element_id = 5;

// GASpecificConfig, 4.4.1
void read_general_audio(BitReader& r, Configuration& configuration) {
  const std::uint8_t type = configuration.object_type;
  configuration.frame_samples = r.flag() ? 960 : 1024;
  if (type == 23) configuration.frame_samples /= 2;  // low delay
  if (r.flag()) r.skip(14);                          // core coder delay
  const bool extension = r.flag();
  if (configuration.channel_configuration == 0) configuration.channels = read_program_channels(r);
  if (type == 6 || type == 20) r.skip(3);  // layer
  if (!extension) return;
  if (type == bsac_type) r.skip(5 + 11);
  if (type == 17 || type == 19 || type == 20 || type == 23) r.skip(3);
  r.flag();  // extensionFlag3
}

bool is_general_audio(std::uint8_t type) {
  return (type >= 1 && type <= 4) || type == 6 || type == 7 || type == 17 || (type >= 19 && type <= 23);
}

// What may stand behind the configuration of the core, so that old decoders do not stumble over it: 1.6.2.1
void read_trailing_extension(BitReader& r, Configuration& configuration) {
  if (r.left() < 16 || r.bits(11) != 0x2b7) return;
  if (read_object_type(r) != sbr_type || !r.flag()) return;
  const auto rate = read_rate(r);
  if (!rate) return;
  configuration.sbr = true;
  configuration.extension_sample_rate = *rate;
  if (r.left() >= 12 && r.bits(11) == 0x548) configuration.ps = r.flag();
}

}  // namespace

base::Result<Configuration> parse_configuration(base::Bytes bytes) {
  if (bytes.empty()) return Errc::empty;
  BitReader r{bytes};
  Configuration configuration;
  configuration.object_type = read_object_type(r);
  TRY(configuration.sample_rate, read_rate(r));
  configuration.channel_configuration = static_cast<std::uint8_t>(r.bits(4));
  if (configuration.object_type == sbr_type || configuration.object_type == ps_type) {
    configuration.ps = configuration.object_type == ps_type;
    configuration.sbr = true;
    TRY(configuration.extension_sample_rate, read_rate(r));
    configuration.object_type = read_object_type(r);
    if (configuration.object_type == bsac_type) r.skip(4);
  }
  if (!r.ok()) return Errc::truncated;
  if (configuration.object_type == 0) return Errc::bad_object_type;
  configuration.channels = channel_counts[configuration.channel_configuration];
  const bool general = is_general_audio(configuration.object_type);
  if (general) read_general_audio(r, configuration);
  if (!r.ok()) return Errc::truncated;
  if (configuration.channels == 0) return Errc::bad_channels;
  if (general && !configuration.sbr) read_trailing_extension(r, configuration);
  return configuration;
}

base::Buffer build_configuration(std::uint8_t object_type, std::uint32_t sample_rate,
                                 std::uint8_t channel_configuration) {
  base::Buffer out;
  const unsigned type = object_type, rate = rate_index(sample_rate), channels = channel_configuration;
  base::ByteWriter(out).u16((type & 31) << 11 | rate << 7 | (channels & 15) << 3);
  return out;
}

base::Buffer configuration_of_adts(base::Bytes frame) {
  const auto header = parse_adts_header(frame);
  if (!header) return {};
  if (header->channel_configuration != 0) {
    return build_configuration(header->object_type, header->sample_rate, header->channel_configuration);
  }
  const base::Bytes unit = frame.subspan(std::min<std::size_t>(header->header_bytes, frame.size()));
  if (!begins_with_program_element(unit)) return {};
  BitReader r{unit};
  r.skip(3);
  const BitReader begin = r;
  read_program_element(r);
  if (!r.ok()) return {};
  BitWriter out;  // 1.6.2.1, then 4.4.1 without any of its flags
  out.put(header->object_type, 5);
  out.put(rate_index(header->sample_rate), 4);
  out.put(0, 4 + 3);
  out.copy(begin, r.position() - begin.position());
  out.align();
  out.put(0, 8);  // no comment
  return out.take();
}

base::Buffer program_element(base::Bytes configuration) {
  const auto parsed = parse_configuration(configuration);
  if (!parsed || parsed->channel_configuration != 0 || !is_general_audio(parsed->object_type)) return {};
  BitReader r{configuration};
  const auto skip_rate = [&] {
    if (r.bits(4) == escape_index) r.skip(24);
  };
  std::uint8_t type = read_object_type(r);
  skip_rate();
  r.skip(4);
  if (type == sbr_type || type == ps_type) {
    skip_rate();
    type = read_object_type(r);
    if (type == bsac_type) r.skip(4);
  }
  r.skip(1);                 // frameLengthFlag
  if (r.flag()) r.skip(14);  // core coder delay
  r.skip(1);                 // extensionFlag
  const BitReader begin = r;
  read_program_element(r);
  if (!r.ok()) return {};
  BitWriter out;
  out.put(program_element_id, 3);
  out.copy(begin, r.position() - begin.position());
  out.align();
  out.put(0, 8);
  return out.take();
}

bool begins_with_program_element(base::Bytes unit) { return !unit.empty() && unit[0] >> 5 == program_element_id; }

namespace {

// Table 4.85
enum class Element : std::uint8_t { single = 0, pair = 1, low_frequency = 3, end = 7 };

// individual_channel_stream, 4.4.2.7, of one long window in which no band is coded.
void put_silent_channel(BitWriter& out) {
  out.put(0, 8);              // global gain
  out.put(0, 1 + 2 + 1 + 6);  // ics_info: long window, sine, no band
  out.put(0, 1);              // no prediction
  out.put(0, 1 + 1 + 1);      // no pulses, no noise shaping, no gain control
}

// Table 1.19, in the order of 4.5.1.2.1
std::span<const Element> elements_of(std::uint8_t channel_configuration) {
  using enum Element;
  static constexpr std::array<Element, 1> mono{single}, stereo{pair};
  static constexpr std::array<Element, 2> three{single, pair};
  static constexpr std::array<Element, 3> four{single, pair, single}, five{single, pair, pair};
  static constexpr std::array<Element, 4> six{single, pair, pair, low_frequency};
  static constexpr std::array<Element, 5> eight{single, pair, pair, pair, low_frequency};
  static constexpr std::array<std::span<const Element>, 8> all{{{}, mono, stereo, three, four, five, six, eight}};
  return channel_configuration < all.size() ? all[channel_configuration] : std::span<const Element>();
}

}  // namespace

base::Buffer silent_unit(const Configuration& configuration) {
  const std::uint8_t type = configuration.object_type;
  const auto elements = elements_of(configuration.channel_configuration);
  if ((type != 1 && type != 2 && type != 4) || elements.empty()) return {};
  BitWriter out;
  std::array<std::uint8_t, 8> tags{};  // so many there were of each kind
  for (const Element element : elements) {
    out.put(static_cast<std::uint32_t>(element), 3);
    out.put(tags[static_cast<std::size_t>(element)]++, 4);
    if (element == Element::pair) {
      out.put(0, 1);  // no common window
      put_silent_channel(out);
    }
    put_silent_channel(out);
  }
  out.put(static_cast<std::uint32_t>(Element::end), 3);
  return out.take();
}

std::uint8_t rate_index(std::uint32_t sample_rate) {
  const auto at = std::find(rates.begin(), rates.end(), sample_rate);
  return at == rates.end() ? escape_index : static_cast<std::uint8_t>(at - rates.begin());
}

std::string profile_text(const Configuration& configuration) {
  if (configuration.ps) return "HEv2";
  if (configuration.sbr) return "HE";
  switch (configuration.object_type) {
    case 1:
      return "Main";
    case 2:
      return "LC";
    case 3:
      return "SSR";
    case 4:
      return "LTP";
    default:
      return "Other";
  }
}

base::Result<AdtsHeader> parse_adts_header(base::Bytes in) {
  BitReader r{in};
  AdtsHeader header;
  const std::uint32_t sync = r.bits(12);
  r.skip(1);  // MPEG-2 or MPEG-4
  const std::uint32_t layer = r.bits(2);
  const bool checksum = !r.flag();
  header.object_type = static_cast<std::uint8_t>(r.bits(2) + 1);
  const std::uint32_t rate = r.bits(4);
  r.skip(1);  // private
  header.channel_configuration = static_cast<std::uint8_t>(r.bits(3));
  r.skip(4);  // original, home, copyright
  header.frame_bytes = static_cast<std::uint16_t>(r.bits(13));
  r.skip(11);  // buffer fullness
  header.raw_blocks = static_cast<std::uint8_t>(r.bits(2) + 1);
  header.header_bytes = checksum ? 9 : 7;
  if (!r.ok()) return Errc::truncated;
  if (sync != 0xfff || layer != 0) return Errc::bad_sync;
  if (rate >= rates.size()) return Errc::bad_sample_rate;
  header.sample_rate = rates[rate];
  if (header.frame_bytes < header.header_bytes) return Errc::bad_frame_size;
  return header;
}

base::Result<void> write_adts_header(base::MutableBytes out, const Configuration& configuration,
                                     std::size_t payload_bytes) {
  const std::size_t size = payload_bytes + adts_header_bytes;
  const unsigned rate = rate_index(configuration.sample_rate), channels = configuration.channel_configuration;
  if (configuration.object_type < 1 || configuration.object_type > 4) return Errc::bad_object_type;
  if (rate == escape_index) return Errc::bad_sample_rate;
  if (channels > 7) return Errc::bad_channels;
  if (size > 0x1fff) return Errc::bad_frame_size;
  const unsigned profile = configuration.object_type - 1U;
  const std::uint64_t bits = std::uint64_t{0xfff1} << 40 | std::uint64_t{profile} << 38 | std::uint64_t{rate} << 34 |
                             std::uint64_t{channels} << 30 | std::uint64_t{size} << 13 |
                             std::uint64_t{0x7ff} << 2;  // variable rate
  for (unsigned i = 0; i < adts_header_bytes; ++i) out[i] = static_cast<std::uint8_t>(bits >> (8 * (6 - i)));
  return {};
}

}  // namespace weir::codec::aac
