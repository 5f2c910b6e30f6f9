#include "format/flv/body.h"

#include "base/byte_reader.h"
#include "format/flv/enhanced.h"

namespace weir::flv {

namespace {

using base::ByteReader;
using media::Codec;

// E.4.3.1 VideoTagHeader. HEVC and AV1 in the place of AVC are a convention of Chinese networks.
Codec legacy_video_codec(unsigned id) {
  switch (id) {
    case 7:
      return Codec::h264;
    case 12:
      return Codec::hevc;
    case 13:
      return Codec::av1;
    default:
      return Codec::none;
  }
}

base::Result<void> parse_legacy_video(ByteReader& r, std::uint8_t first, MediaPart& part) {
  const unsigned frame_type = first >> 4;
  part.codec = legacy_video_codec(first & 0x0f);
  if (part.codec == Codec::none) return Errc::unsupported_codec;
  if (frame_type == 0 || frame_type > 5) return Errc::bad_frame_type;
  if (frame_type == 5) {  // info or command frame
    part.kind = PacketKind::command;
    return {};
  }
  part.key = frame_type == 1 || frame_type == 4;
  const std::uint8_t packet_type = r.u8();
  const std::int32_t composition_ms = r.i24();
  if (!r.ok()) {
    // The end of a sequence comes without a composition time from some encoders.
    if (packet_type != 2) return Errc::truncated;
    part.kind = PacketKind::end_of_sequence;
    return {};
  }
  switch (packet_type) {
    case 0:
      part.kind = PacketKind::sequence_header;
      break;
    case 1:
      part.composition = base::Millis(composition_ms);
      break;
    case 2:
      part.kind = PacketKind::end_of_sequence;
      break;
    default:
      return Errc::bad_packet_type;
  }
  part.payload = r.rest();
  return {};
}

struct Sound {
  Codec codec;
  std::uint32_t sample_rate;  // 0: as the rate bits say
};

// E.4.2.1 AudioTagHeader
Sound sound_format(unsigned id) {
  switch (id) {
    case 2:
      return {Codec::mp3, 0};
    case 7:
      return {Codec::pcma, 8000};
    case 8:
      return {Codec::pcmu, 8000};
    case 10:
      return {Codec::aac, 0};
    case 11:
      return {Codec::speex, 16000};
    case 14:
      return {Codec::mp3, 8000};
    default:
      return {Codec::none, 0};
  }
}

base::Result<void> parse_legacy_audio(ByteReader& r, std::uint8_t first, MediaPart& part) {
  constexpr std::array<std::uint32_t, 4> rates{5512, 11025, 22050, 44100};
  const Sound sound = sound_format(first >> 4);
  if (sound.codec == Codec::none) return Errc::unsupported_codec;
  part.codec = sound.codec;
  part.key = true;
  part.sample_rate = sound.sample_rate != 0 ? sound.sample_rate : rates[(first >> 2) & 3];
  part.channels = sound.codec == Codec::speex ? 1 : static_cast<std::uint8_t>((first & 1) + 1);  // Speex is always mono
  if (part.codec == Codec::aac) {
    const std::uint8_t packet_type = r.u8();
    if (!r.ok()) return Errc::truncated;
    if (packet_type > 1) return Errc::bad_packet_type;
    if (packet_type == 0) part.kind = PacketKind::sequence_header;
  }
  part.payload = r.rest();
  return {};
}

}  // namespace

base::Result<void> Parts::add(const MediaPart& part) {
  if (count_ == limit) return Errc::too_many_tracks;
  parts_[count_++] = part;
  return {};
}

base::Result<void> parse_video(base::Bytes body, Parts& out) {
  out.clear();
  if (body.empty()) return Errc::empty_body;
  if ((body[0] & 0x80) != 0) return parse_enhanced_video(body, out);
  ByteReader r{body};
  MediaPart part;
  const std::uint8_t first = r.u8();
  TRY_VOID(parse_legacy_video(r, first, part));
  return out.add(part);
}

base::Result<void> parse_audio(base::Bytes body, Parts& out) {
  out.clear();
  if (body.empty()) return Errc::empty_body;
  if (body[0] >> 4 == 9) return parse_enhanced_audio(body, out);
  ByteReader r{body};
  MediaPart part;
  const std::uint8_t first = r.u8();
  TRY_VOID(parse_legacy_audio(r, first, part));
  return out.add(part);
}

}  // namespace weir::flv
