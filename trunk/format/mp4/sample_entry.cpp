#include "format/mp4/sample_entry.h"

#include "base/bit_reader.h"
#include "codec/ac3.h"
#include "codec/opus.h"
#include "codec/vpx.h"
#include "format/mp4/box.h"
#include "format/mp4/picture.h"

namespace weir::mp4 {
namespace {

using base::Bytes;
using base::ByteWriter;
using media::Codec;

// MPEG-4 descriptors (ISO 14496-1 7.2.2) with the tags below and a size of one byte, or more where it must be.
constexpr std::uint8_t tag_es = 3, tag_decoder_config = 4, tag_decoder_specific = 5, tag_sl_config = 6;
constexpr std::uint8_t object_aac = 0x40, object_mpeg2_audio = 0x69, object_mpeg1_audio = 0x6b;

void descriptor(ByteWriter& w, std::uint8_t tag, const base::Buffer& body) {
  w.u8(tag);
  for (unsigned shift = 21; shift != 0; shift -= 7) w.u8(0x80 | (body.size() >> shift & 0x7f));
  w.u8(body.size() & 0x7f);
  w.bytes(body);
}

void write_esds(ByteWriter& w, std::uint8_t object_type, Bytes specific) {
  base::Buffer config;
  ByteWriter c(config);
  c.u8(object_type);
  c.u8(0x15);  // audio stream
  c.u24(0);    // buffer size, rates: not known
  c.u32(0);
  c.u32(0);
  if (!specific.empty()) {
    base::Buffer body;
    body.append(specific);
    descriptor(c, tag_decoder_specific, body);
  }
  base::Buffer es;
  ByteWriter e(es);
  e.u16(0);  // ES_ID, zero in files (ISO 14496-14 3.1.2)
  e.u8(0);
  descriptor(e, tag_decoder_config, config);
  base::Buffer sl;
  sl.append(std::uint8_t{2});
  descriptor(e, tag_sl_config, sl);
  BoxWriter box(w, "esds", 0, 0);
  descriptor(w, tag_es, es);
}

// VisualSampleEntry, 12.1.3
void begin_visual(ByteWriter& w, const media::CodecParameters& parameters) {
  w.zeros(6);
  w.u16(1);  // data reference
  w.zeros(16);
  w.u16(parameters.width);
  w.u16(parameters.height);
  w.u32(0x00480000);  // 72 dpi
  w.u32(0x00480000);
  w.u32(0);
  w.u16(1);  // frames in a sample
  w.zeros(32);
  w.u16(24);
  w.u16(0xffff);
}

// AudioSampleEntry, 12.2.3. The rate has 16 bits: a higher one is told by the codec's own box.
void begin_audio(ByteWriter& w, const media::CodecParameters& parameters, std::uint32_t rate, std::uint16_t bits = 16) {
  w.zeros(6);
  w.u16(1);
  w.zeros(8);
  w.u16(parameters.channels == 0 ? 2 : parameters.channels);
  w.u16(bits);
  w.zeros(4);
  w.u32(rate > 0xffff ? 0 : rate << 16);
}

// How pictures are shown: colr, pasp, mdcv and clli, 12.1.4 to 12.1.7. Browsers read the bitstream, editors and
// televisions these.
void write_picture(ByteWriter& w, const media::CodecParameters& parameters, const codec::Light& light) {
  const codec::Picture picture = picture_of(parameters);
  if (picture.told) {
    BoxWriter box(w, "colr");
    w.text("nclx");
    w.u16(picture.primaries);
    w.u16(picture.transfer);
    w.u16(picture.matrix);
    w.u8(picture.full_range ? 0x80 : 0);
  }
  if (picture.sample_width != 0) {
    BoxWriter box(w, "pasp");
    w.u32(picture.sample_width);
    w.u32(picture.sample_height);
  }
  if (light.mastering) {
    BoxWriter box(w, "mdcv");
    for (const std::uint16_t value : light.mastering->chromaticity) w.u16(value);
    w.u32(light.mastering->most);
    w.u32(light.mastering->least);
  }
  if (light.level) {
    BoxWriter box(w, "clli");
    w.u16(light.level->most);
    w.u16(light.level->most_average);
  }
}

void write_vpcc(ByteWriter& w, const media::CodecParameters& parameters) {
  codec::vpx::Configuration configuration{.profile = 0, .level = 31, .bits = 8, .chroma = 1};
  if (const auto told = codec::vpx::parse_configuration(parameters.extradata)) configuration = *told;
  BoxWriter box(w, "vpcC", 1, 0);
  w.bytes(codec::vpx::build_configuration(configuration));
}

// "Encapsulation of Opus in ISOBMFF" 4.3.2: OpusHead without its name, version zero, big endian.
base::Result<void> write_dops(ByteWriter& w, Bytes head) {
  TRY(const auto opus, codec::opus::parse_head(head));
  constexpr std::size_t fixed = 19;
  BoxWriter box(w, "dOps");
  w.u8(0);
  w.u8(opus.channels);
  w.u16(opus.pre_skip);
  w.u32(opus.input_sample_rate);
  w.u16(static_cast<std::uint16_t>(opus.gain));
  w.u8(opus.mapping_family);
  if (opus.mapping_family != 0) w.bytes(head.subspan(fixed));
  return {};
}

// STREAMINFO alone, of the shapes in which it comes.
Bytes bare_stream_info(Bytes in) {
  constexpr std::size_t size = 34;
  if (in.size() >= 4 && base::as_text(in.first(4)) == "fLaC") in = in.subspan(4);
  if (in.size() >= 4 + size && (in[0] & 0x7f) == 0 && in[3] == size) in = in.subspan(4);
  return in.size() >= size ? in.first(size) : Bytes{};
}

// ETSI TS 102 366 F.4: fields of the first frame's header.
base::Result<void> write_dac3(ByteWriter& w, Bytes frame) {
  base::BitReader r(frame);
  r.skip(32);  // sync word and checksum
  const std::uint32_t rate = r.bits(2), size_code = r.bits(6), bsid = r.bits(5), bsmod = r.bits(3), acmod = r.bits(3);
  if ((acmod & 1) != 0 && acmod != 1) r.skip(2);
  if ((acmod & 4) != 0) r.skip(2);
  if (acmod == 2) r.skip(2);
  const std::uint32_t lfe = r.bits(1);
  if (!r.ok()) return Errc::no_configuration;
  BoxWriter box(w, "dac3");
  w.u24(rate << 22 | bsid << 17 | bsmod << 14 | acmod << 11 | lfe << 10 | (size_code >> 1) << 5);
  return {};
}

// F.6, for one independent substream.
base::Result<void> write_dec3(ByteWriter& w, Bytes frame) {
  TRY(const auto header, codec::ac3::parse_frame_header(frame));
  base::BitReader r(frame);
  r.skip(32);  // sync word, stream type, substream id, frame size
  const std::uint32_t rate = r.bits(2);
  r.skip(2);
  const std::uint32_t acmod = r.bits(3), lfe = r.bits(1), bsid = r.bits(5);
  if (!r.ok() || header.frame_samples == 0) return Errc::no_configuration;
  const std::uint32_t kbps = static_cast<std::uint32_t>(std::uint64_t{header.frame_bytes} * 8 * header.sample_rate /
                                                        header.frame_samples / 1000);
  BoxWriter box(w, "dec3");
  w.u16((kbps & 0x1fff) << 3);  // one substream
  w.u24(rate << 22 | bsid << 17 | acmod << 9 | lfe << 8);
  return {};
}

}  // namespace

bool can_carry(Codec codec) {
  switch (codec) {
    case Codec::h264:
    case Codec::hevc:
    case Codec::av1:
    case Codec::vp9:
    case Codec::aac:
    case Codec::mp3:
    case Codec::opus:
    case Codec::ac3:
    case Codec::eac3:
    case Codec::flac:
      return true;
    default:
      return false;
  }
}

base::Result<base::Buffer> write_sample_entry(const media::CodecParameters& parameters, Bytes first_frame,
                                              const codec::Light& light) {
  base::Buffer out;
  ByteWriter w(out);
  const codec::Light shown = light.told() ? light : light_of(parameters, {});
  const Bytes extradata = parameters.extradata;
  const auto visual = [&](const char(&name)[5], const char(&configuration)[5]) -> base::Result<void> {
    if (extradata.empty()) return Errc::no_configuration;
    BoxWriter entry(w, name);
    begin_visual(w, parameters);
    {
      BoxWriter box(w, configuration);
      w.bytes(extradata);
    }
    write_picture(w, parameters, shown);
    return {};
  };
  switch (parameters.codec) {
    case Codec::h264:
      TRY_VOID(visual("avc1", "avcC"));
      break;
    case Codec::hevc:
      TRY_VOID(visual("hvc1", "hvcC"));
      break;
    case Codec::av1:
      TRY_VOID(visual("av01", "av1C"));
      break;
    case Codec::vp9: {
      BoxWriter entry(w, "vp09");
      begin_visual(w, parameters);
      write_vpcc(w, parameters);
      write_picture(w, parameters, shown);
      break;
    }
    case Codec::aac: {
      if (extradata.empty()) return Errc::no_configuration;
      BoxWriter entry(w, "mp4a");
      begin_audio(w, parameters, parameters.sample_rate);
      write_esds(w, object_aac, extradata);
      break;
    }
    case Codec::mp3: {
      BoxWriter entry(w, "mp4a");
      begin_audio(w, parameters, parameters.sample_rate);
      write_esds(w, parameters.sample_rate < 32'000 ? object_mpeg2_audio : object_mpeg1_audio, {});
      break;
    }
    case Codec::opus: {
      BoxWriter entry(w, "Opus");
      begin_audio(w, parameters, 48'000);
      if (!write_dops(w, extradata)) return Errc::no_configuration;
      break;
    }
    case Codec::ac3: {
      BoxWriter entry(w, "ac-3");
      begin_audio(w, parameters, parameters.sample_rate);
      TRY_VOID(write_dac3(w, first_frame));
      break;
    }
    case Codec::eac3: {
      BoxWriter entry(w, "ec-3");
      begin_audio(w, parameters, parameters.sample_rate);
      if (!write_dec3(w, first_frame)) return Errc::no_configuration;
      break;
    }
    case Codec::flac: {
      const Bytes info = bare_stream_info(extradata);
      if (info.empty()) return Errc::no_configuration;
      BoxWriter entry(w, "fLaC");
      begin_audio(w, parameters, parameters.sample_rate);
      BoxWriter box(w, "dfLa", 0, 0);
      w.u32(0x80000000U | info.size());  // the last metadata block: STREAMINFO
      w.bytes(info);
      break;
    }
    default:
      return Errc::unsupported_codec;
  }
  return out;
}

}  // namespace weir::mp4
