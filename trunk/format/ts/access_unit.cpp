#include "format/ts/access_unit.h"

#include <array>

#include "codec/av1.h"
#include "codec/avc.h"
#include "codec/hevc.h"
#include "codec/nal.h"
#include "format/ts/av1_units.h"

namespace weir::ts {
namespace {

using base::Bytes;
using codec::nal::LengthPrefixed;
using media::Codec;

// Annex B of H.264 and H.265: the first unit of an access unit and parameter sets have a zero more.
constexpr std::array<std::uint8_t, 4> long_start_code{0, 0, 0, 1};
constexpr Bytes short_start_code{long_start_code.data() + 1, 3};

// Delimiters that say nothing of the slice types: primary_pic_type 7 and pic_type 2, then the stop bit.
constexpr std::array<std::uint8_t, 6> avc_delimiter{0, 0, 0, 1, 0x09, 0xf0};
constexpr std::array<std::uint8_t, 7> hevc_delimiter{0, 0, 0, 1, 0x46, 0x01, 0x50};

constexpr std::array<std::uint8_t, 255> laced = [] {
  std::array<std::uint8_t, 255> out{};
  out.fill(0xff);
  return out;
}();

void append_units(const std::vector<Bytes>& units, base::Buffer& out) {
  for (const Bytes unit : units) {
    out.append(long_start_code);
    out.append(unit);
  }
}

base::Buffer parameter_sets_of(const media::CodecParameters& parameters) {
  base::Buffer out;
  if (parameters.codec == Codec::h264) {
    if (const auto record = codec::avc::parse_configuration(parameters.extradata)) {
      append_units(record->sps, out);
      append_units(record->pps, out);
    }
  } else if (parameters.codec == Codec::hevc) {
    if (const auto record = codec::hevc::parse_configuration(parameters.extradata)) {
      append_units(record->vps, out);
      append_units(record->sps, out);
      append_units(record->pps, out);
    }
  } else if (parameters.codec == Codec::av1) {
    if (const auto record = codec::av1::parse_configuration(parameters.extradata)) out.append(record->obus);
  }
  return out;
}

}  // namespace

AccessUnitWriter::AccessUnitWriter(const media::CodecParameters& parameters)
    : codec_(parameters.codec),
      nal_length_bytes_(parameters.nal_length_bytes),
      parameter_sets_(parameter_sets_of(parameters)) {
  if (codec_ != Codec::aac) return;
  if (const auto configuration = codec::aac::parse_configuration(parameters.extradata)) {
    aac_ = *configuration;
    program_element_ = codec::aac::program_element(parameters.extradata);
  } else {
    aac_ = {.channel_configuration = parameters.channels, .sample_rate = parameters.sample_rate};
  }
}

bool AccessUnitWriter::is_delimiter(std::uint8_t first_byte) const {
  return codec_ == Codec::h264 ? codec::avc::nal_type(first_byte) == codec::avc::NalType::delimiter
                               : codec::hevc::nal_type(first_byte) == codec::hevc::NalType::delimiter;
}

Bytes AccessUnitWriter::delimiter() const {
  return codec_ == Codec::h264 ? Bytes(avc_delimiter) : Bytes(hevc_delimiter);
}

bool AccessUnitWriter::has_parameter_sets(Bytes frame) const {
  bool sps = false, pps = false, vps = codec_ == Codec::h264;
  LengthPrefixed units(frame, nal_length_bytes_);
  while (const auto unit = units.next()) {
    if (codec_ == Codec::h264) {
      const auto type = codec::avc::nal_type((*unit)[0]);
      sps |= type == codec::avc::NalType::sps;
      pps |= type == codec::avc::NalType::pps;
    } else {
      const auto type = codec::hevc::nal_type((*unit)[0]);
      vps |= type == codec::hevc::NalType::vps;
      sps |= type == codec::hevc::NalType::sps;
      pps |= type == codec::hevc::NalType::pps;
    }
  }
  return sps && pps && vps;
}

std::size_t AccessUnitWriter::video_bytes(Bytes frame, bool key) const {
  std::size_t total = 0;
  LengthPrefixed units(frame, nal_length_bytes_);
  while (const auto unit = units.next()) {
    if (!is_delimiter((*unit)[0])) total += short_start_code.size() + unit->size();
  }
  if (total == 0) return 0;
  total += delimiter().size();
  if (key && !has_parameter_sets(frame)) total += parameter_sets_.size();
  return total;
}

template <class Out>
void AccessUnitWriter::put_video(Bytes frame, bool key, Out& out) const {
  out.put(delimiter());
  if (key && !has_parameter_sets(frame)) out.put(parameter_sets_);
  LengthPrefixed units(frame, nal_length_bytes_);
  while (const auto unit = units.next()) {
    if (is_delimiter((*unit)[0])) continue;
    out.put(short_start_code);
    out.put(*unit);
  }
}

bool AccessUnitWriter::has_sequence_header(Bytes frame) const {
  codec::av1::Obus obus(frame);
  while (const auto obu = obus.next()) {
    if (obu->type == codec::av1::ObuType::sequence_header) return true;
  }
  return false;
}

// "Carriage of AV1 in MPEG-2 TS" 3.1: what is needed to decode is in the stream; delimiters need not be, lists of tiles
// must not.
template <class Put>
void AccessUnitWriter::each_av1_piece(Bytes frame, bool key, Put put) const {
  const auto each = [&](Bytes units) {
    codec::av1::Obus obus(units);
    while (const auto obu = obus.next()) {
      const bool carried =
          obu->type != codec::av1::ObuType::temporal_delimiter && obu->type != codec::av1::ObuType::tile_list;
      if (carried) put_av1_obu(obu->whole, put);
    }
  };
  if (key && !has_sequence_header(frame)) each(parameter_sets_);
  each(frame);
}

Bytes AccessUnitWriter::element_before(Bytes frame) const {
  return codec::aac::begins_with_program_element(frame) ? Bytes{} : program_element_.bytes();
}

std::size_t AccessUnitWriter::bytes(Bytes frame, bool key) const {
  if (frame.empty()) return 0;
  switch (codec_) {
    case Codec::h264:
    case Codec::hevc:
      return video_bytes(frame, key);
    case Codec::av1: {
      std::size_t total = 0;
      each_av1_piece(frame, key, [&total](Bytes piece) { total += piece.size(); });
      return total;
    }
    case Codec::aac: {
      std::array<std::uint8_t, codec::aac::adts_header_bytes> head{};
      const std::size_t size = element_before(frame).size() + frame.size();
      if (!codec::aac::write_adts_header(head, aac_, size)) return 0;
      return head.size() + size;
    }
    case Codec::opus:
      return 2 + frame.size() / 255 + 1 + frame.size();
    default:
      return frame.size();
  }
}

template <class Out>
void AccessUnitWriter::put(Bytes frame, bool key, Out& out) const {
  switch (codec_) {
    case Codec::h264:
    case Codec::hevc:
      return put_video(frame, key, out);
    case Codec::av1:
      return each_av1_piece(frame, key, [&out](Bytes piece) { out.put(piece); });
    case Codec::aac: {
      std::array<std::uint8_t, codec::aac::adts_header_bytes> head{};
      const Bytes element = element_before(frame);
      if (!codec::aac::write_adts_header(head, aac_, element.size() + frame.size())) return;
      out.put(head);
      out.put(element);
      break;
    }
    case Codec::opus: {
      // "Opus in MPEG-2 TS" opus_control_header: an eleven-bit prefix, no trims, then the size in runs of 255.
      constexpr std::array<std::uint8_t, 2> prefix{0x7f, 0xe0};
      out.put(prefix);
      for (std::size_t runs = frame.size() / 255; runs != 0;) {
        const std::size_t count = std::min(runs, laced.size());
        out.put(Bytes(laced).first(count));
        runs -= count;
      }
      const std::array<std::uint8_t, 1> last{static_cast<std::uint8_t>(frame.size() % 255)};
      out.put(last);
      break;
    }
    default:
      break;
  }
  out.put(frame);
}

template void AccessUnitWriter::put(Bytes, bool, PacketFiller&) const;

void AccessUnitWriter::append(Bytes frame, bool key, base::Buffer& out) const {
  struct End {
    base::Buffer& out;
    void put(Bytes piece) { out.append(piece); }
  } end{out};
  out.reserve(out.size() + bytes(frame, key));
  put(frame, key, end);
}

}  // namespace weir::ts
