#include "format/flv/body_writer.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "base/byte_writer.h"
#include "format/flv/enhanced.h"
#include "format/flv/fourcc.h"

namespace weir::flv {

namespace {

using media::Codec;
using media::Kind;

constexpr std::uint8_t key_frame = 1, inter_frame = 2;
constexpr std::uint8_t avc_header = 0, avc_frame = 1, avc_end = 2;
constexpr std::uint8_t aac_header = 0, aac_raw = 1;
constexpr std::uint8_t aac_first_byte =
    0xaf;  // always "44 kHz, stereo, 16 bit"; the configuration tells the truth, E.4.2.1

void put24(std::uint8_t* out, std::int64_t value) {
  constexpr std::int64_t largest = 0x7fffff;
  const auto bits = static_cast<std::uint32_t>(std::clamp(value, -largest - 1, largest));
  for (unsigned i = 0; i < 3; ++i) out[i] = static_cast<std::uint8_t>(bits >> (8 * (2 - i)));
}

void put32(std::uint8_t* out, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * (3 - i)));
}

// In milliseconds between the two times as they are written, so that pts does not wander by rounding twice.
std::int64_t composition_ms(const media::Frame& frame) {
  return base::to_millis(frame.dts + frame.composition) - base::to_millis(frame.dts);
}

std::uint8_t legacy_video_id(Codec codec) {
  switch (codec) {
    case Codec::h264:
      return 7;
    case Codec::hevc:
      return 12;
    case Codec::av1:
      return 13;
    default:
      return 0;
  }
}

// The legacy audio header byte; 0 if the codec or its rate has none. E.4.2.1
std::uint8_t legacy_audio_byte(const media::CodecParameters& parameters) {
  const std::uint8_t stereo = parameters.channels > 1 ? 1 : 0;
  const auto header = [&](unsigned format, unsigned rate) {
    return static_cast<std::uint8_t>(format << 4 | rate << 2 | 2 | stereo);  // 16 bit
  };
  switch (parameters.codec) {
    case Codec::pcma:
      return header(7, 0);
    case Codec::pcmu:
      return header(8, 0);
    case Codec::speex:
      return header(11, 0);
    case Codec::mp3:
      switch (parameters.sample_rate) {
        case 8000:
          return header(14, 0);
        case 5512:
          return header(2, 0);
        case 11025:
          return header(2, 1);
        case 22050:
          return header(2, 2);
        default:
          return header(2, 3);  // decoders take the rate from the MP3 frame
      }
    default:
      return 0;
  }
}

}  // namespace

BodyWriter::BodyWriter(const media::Track& track, WireOptions options) : track_(track), options_(options) {
  assert(track.parameters && "a track has parameters");
  const Codec codec = track.parameters->codec;
  const bool legacy_wanted = !options_.multitrack_index.has_value();
  fourcc_ = fourcc_of(codec);
  switch (media::kind_of(codec)) {
    case Kind::video:
      type_ = TagType::video;
      if (legacy_wanted && (codec == Codec::h264 || (options_.legacy_hevc_av1 && legacy_video_id(codec) != 0))) {
        style_ = Style::legacy_video;
        first_byte_ = legacy_video_id(codec);
      } else {
        style_ = Style::enhanced_video;
      }
      break;
    case Kind::audio:
      type_ = TagType::audio;
      first_byte_ = codec == Codec::aac ? aac_first_byte : legacy_audio_byte(*track.parameters);
      // G.711 and Speex have no FourCC and stay legacy even where a multitrack message was asked for.
      if (first_byte_ != 0 && (legacy_wanted || fourcc_ == 0)) {
        style_ = codec == Codec::aac ? Style::legacy_aac : Style::legacy_audio;
      } else if (fourcc_ != 0) {
        style_ = Style::enhanced_audio;
      }
      break;
    case Kind::data:
      type_ = TagType::script;
      style_ = codec == Codec::script_data ? Style::script : Style::none;
      break;
  }
}

bool BodyWriter::carries_composition() const {
  return track_.parameters->codec == Codec::h264 || track_.parameters->codec == Codec::hevc;
}

bool BodyWriter::can_carry(media::Codec codec) {
  switch (codec) {
    case Codec::pcma:
    case Codec::pcmu:
    case Codec::speex:
    case Codec::script_data:
      return true;
    default:
      return fourcc_of(codec) != 0;
  }
}

std::size_t BodyWriter::head_bytes(const media::Frame& frame) const {
  const std::size_t multitrack = options_.multitrack_index ? 2 : 0;
  switch (style_) {
    case Style::none:
    case Style::script:
      return 0;
    case Style::legacy_video:
      return 5;
    case Style::legacy_aac:
      return 2;
    case Style::legacy_audio:
      return 1;
    case Style::enhanced_audio:
      return 5 + multitrack;
    case Style::enhanced_video:
      break;
  }
  return 5 + multitrack + (carries_composition() && composition_ms(frame) != 0 ? 3 : 0);
}

std::size_t BodyWriter::write_head(base::MutableBytes out, const media::Frame& frame) const {
  assert(out.size() >= head_bytes(frame) && "room for the head");
  const std::uint8_t frame_type = frame.key ? key_frame : inter_frame;
  switch (style_) {
    case Style::none:
    case Style::script:
      return 0;
    case Style::legacy_video:
      out[0] = static_cast<std::uint8_t>(frame_type << 4 | first_byte_);
      out[1] = avc_frame;
      put24(&out[2], composition_ms(frame));
      return 5;
    case Style::legacy_aac:
      out[0] = first_byte_;
      out[1] = aac_raw;
      return 2;
    case Style::legacy_audio:
      out[0] = first_byte_;
      return 1;
    case Style::enhanced_audio:
      return write_enhanced(out.data(), 0x90, audio_packet::coded_frames);
    case Style::enhanced_video:
      break;
  }
  const auto first = static_cast<std::uint8_t>(0x80 | frame_type << 4);
  const std::int64_t composition = carries_composition() ? composition_ms(frame) : 0;
  // The short form exists for those codecs alone whose long form has the composition time.
  const bool short_form = carries_composition() && composition == 0;
  const std::size_t used =
      write_enhanced(out.data(), first, short_form ? video_packet::coded_frames_x : video_packet::coded_frames);
  if (composition == 0) return used;
  put24(&out[used], composition);
  return used + 3;
}

// First byte, then FourCC; or with OneTrack around it and the index behind. `first` has its lower four bits free.
std::size_t BodyWriter::write_enhanced(std::uint8_t* out, std::uint8_t first, std::uint8_t packet_type) const {
  std::size_t at = 0;
  if (options_.multitrack_index) {
    const std::uint8_t multitrack = type_ == TagType::video ? video_packet::multitrack : audio_packet::multitrack;
    out[at++] = static_cast<std::uint8_t>(first | multitrack);
    out[at++] = packet_type;  // upper bits: MultitrackKind::one_track
  } else {
    out[at++] = static_cast<std::uint8_t>(first | packet_type);
  }
  put32(out + at, fourcc_);
  at += 4;
  if (options_.multitrack_index) out[at++] = *options_.multitrack_index;
  return at;
}

base::Buffer BodyWriter::sequence_header() const {
  base::Buffer out;
  const base::Bytes extradata = track_.parameters->extradata;
  if (extradata.empty()) return out;
  std::array<std::uint8_t, largest_head> head{};
  std::size_t used = 0;
  switch (style_) {
    case Style::none:
    case Style::legacy_audio:
      return out;
    case Style::script:
      break;
    case Style::legacy_video:
      head[0] = static_cast<std::uint8_t>(key_frame << 4 | first_byte_);
      head[1] = avc_header;
      used = 5;
      break;
    case Style::legacy_aac:
      head[0] = first_byte_;
      head[1] = aac_header;
      used = 2;
      break;
    case Style::enhanced_video:
      used = write_enhanced(head.data(), 0x80 | key_frame << 4, video_packet::sequence_start);
      break;
    case Style::enhanced_audio:
      used = write_enhanced(head.data(), 0x90, audio_packet::sequence_start);
      break;
  }
  out.reserve(used + extradata.size());
  out.append(base::Bytes(head).first(used));
  out.append(extradata);
  return out;
}

base::Buffer BodyWriter::sequence_end() const {
  base::Buffer out;
  std::array<std::uint8_t, largest_head> head{};
  std::size_t used = 0;
  switch (style_) {
    case Style::legacy_video:
      head[0] = static_cast<std::uint8_t>(key_frame << 4 | first_byte_);
      head[1] = avc_end;
      used = 5;
      break;
    case Style::enhanced_video:
      used = write_enhanced(head.data(), 0x80 | key_frame << 4, video_packet::sequence_end);
      break;
    case Style::enhanced_audio:
      used = write_enhanced(head.data(), 0x90, audio_packet::sequence_end);
      break;
    default:
      return out;
  }
  out.append(base::Bytes(head).first(used));
  return out;
}

}  // namespace weir::flv
