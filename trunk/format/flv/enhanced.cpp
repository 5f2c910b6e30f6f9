#include "format/flv/enhanced.h"

#include "base/byte_reader.h"
#include "format/flv/fourcc.h"

namespace weir::flv {

namespace {

using base::ByteReader;
using media::Codec;
using media::Kind;

// What stands before the tracks of a message.
struct Head {
  Kind kind = Kind::video;
  std::uint8_t packet_type = 0;
  bool key = false;
  bool multitrack = false;
  MultitrackKind multitrack_kind = MultitrackKind::one_track;
  std::uint32_t fourcc = 0;  // 0: each track says its own
  base::Ticks offset{};      // of a TimestampOffsetNano
};

// "ModEx": prefixes that change how the packet behind them is read. Unknown ones are skipped, as is asked for.
base::Result<void> read_modifiers(ByteReader& r, std::uint8_t mod_ex, Head& head) {
  constexpr unsigned largest_count = 8;
  constexpr std::uint8_t timestamp_offset_nano = 0;
  for (unsigned count = 0; head.packet_type == mod_ex; ++count) {
    if (count == largest_count) return Errc::too_many_modifiers;
    std::size_t size = std::size_t{r.u8()} + 1;
    if (size == 256) size = std::size_t{r.u16()} + 1;
    ByteReader data{r.take(size)};
    const std::uint8_t next = r.u8();
    if (!r.ok()) return Errc::truncated;
    if (next >> 4 == timestamp_offset_nano && size >= 3) {
      head.offset += base::Ticks(std::int64_t{data.u24()} * 90'000 / 1'000'000'000);
    }
    head.packet_type = next & 0x0f;
  }
  return {};
}

base::Result<void> read_multitrack(ByteReader& r, std::uint8_t multitrack, Head& head) {
  if (head.packet_type == multitrack) {
    const std::uint8_t kinds = r.u8();
    head.multitrack = true;
    head.multitrack_kind = static_cast<MultitrackKind>(kinds >> 4);
    head.packet_type = kinds & 0x0f;
    if (!r.ok()) return Errc::truncated;
    if (head.packet_type == multitrack || head.multitrack_kind > MultitrackKind::many_tracks_many_codecs) {
      return Errc::bad_multitrack;
    }
  }
  if (!head.multitrack || head.multitrack_kind != MultitrackKind::many_tracks_many_codecs) head.fourcc = r.u32();
  return r.ok() ? base::Result<void>() : Errc::truncated;
}

base::Result<PacketKind> video_kind(std::uint8_t packet_type) {
  switch (packet_type) {
    case video_packet::sequence_start:
      return PacketKind::sequence_header;
    case video_packet::coded_frames:
    case video_packet::coded_frames_x:
      return PacketKind::frame;
    case video_packet::sequence_end:
      return PacketKind::end_of_sequence;
    case video_packet::metadata:
      return PacketKind::metadata;
    case video_packet::mpeg2ts_sequence_start:
      return PacketKind::mpeg2ts_header;
    default:
      return Errc::bad_packet_type;
  }
}

base::Result<PacketKind> audio_kind(std::uint8_t packet_type) {
  switch (packet_type) {
    case audio_packet::sequence_start:
      return PacketKind::sequence_header;
    case audio_packet::coded_frames:
      return PacketKind::frame;
    case audio_packet::sequence_end:
      return PacketKind::end_of_sequence;
    case audio_packet::multichannel_config:
      return PacketKind::multichannel_config;
    default:
      return Errc::bad_packet_type;
  }
}

// One track of "ExVideoTagBody" or "ExAudioTagBody"; `r` holds this track and nothing behind it.
base::Result<void> add_track(ByteReader r, const Head& head, std::uint8_t track, std::uint32_t code, Parts& out) {
  MediaPart part;
  part.track = track;
  part.key = head.key;
  part.composition = head.offset;
  part.codec = codec_of_fourcc(code);
  if (part.codec == Codec::none || media::kind_of(part.codec) != head.kind) return Errc::unsupported_codec;
  if (head.kind == Kind::video) {
    TRY(part.kind, video_kind(head.packet_type));
    const bool has_composition = part.codec == Codec::h264 || part.codec == Codec::hevc;
    if (head.packet_type == video_packet::coded_frames && has_composition) part.composition += base::Millis(r.i24());
  } else {
    TRY(part.kind, audio_kind(head.packet_type));
  }
  if (!r.ok()) return Errc::truncated;
  part.payload = r.rest();
  return out.add(part);
}

base::Result<void> add_tracks(ByteReader r, const Head& head, Parts& out) {
  if (!head.multitrack) return add_track(r, head, 0, head.fourcc, out);
  do {
    std::uint32_t code = head.fourcc;
    if (head.multitrack_kind == MultitrackKind::many_tracks_many_codecs) code = r.u32();
    const std::uint8_t track = r.u8();
    if (head.multitrack_kind == MultitrackKind::one_track) {
      return r.ok() ? add_track(r, head, track, code, out) : Errc::truncated;
    }
    const std::uint32_t size = r.u24();
    if (!r.ok()) return Errc::truncated;
    if (size > r.left()) return Errc::track_past_end;
    const auto added = add_track(ByteReader{r.take(size)}, head, track, code, out);
    // The other tracks are still good.
    if (!added && added.error() != Errc::unsupported_codec) return added.error();
  } while (r.left() > 0);
  return out.size() > 0 ? base::Result<void>() : Errc::unsupported_codec;
}

}  // namespace

base::Result<void> parse_enhanced_video(base::Bytes body, Parts& out) {
  ByteReader r{body};
  const std::uint8_t first = r.u8();
  const unsigned frame_type = (first >> 4) & 7;
  Head head{.kind = Kind::video, .packet_type = static_cast<std::uint8_t>(first & 0x0f)};
  TRY_VOID(read_modifiers(r, video_packet::mod_ex, head));
  head.key = frame_type == 1 || frame_type == 4;
  if (head.packet_type != video_packet::metadata) {  // which ignores the frame type
    if (frame_type == 0 || frame_type > 5) return Errc::bad_frame_type;
    if (frame_type == 5) return out.add(MediaPart{.kind = PacketKind::command});
  }
  TRY_VOID(read_multitrack(r, video_packet::multitrack, head));
  return add_tracks(r, head, out);
}

base::Result<void> parse_enhanced_audio(base::Bytes body, Parts& out) {
  ByteReader r{body};
  Head head{.kind = Kind::audio, .packet_type = static_cast<std::uint8_t>(r.u8() & 0x0f), .key = true};
  TRY_VOID(read_modifiers(r, audio_packet::mod_ex, head));
  TRY_VOID(read_multitrack(r, audio_packet::multitrack, head));
  return add_tracks(r, head, out);
}

}  // namespace weir::flv
