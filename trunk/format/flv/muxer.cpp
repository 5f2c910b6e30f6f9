#include "format/flv/muxer.h"

#include <cassert>
#include <cstring>

namespace weir::flv {

namespace {

TagHeader header_of(TagType type, std::size_t body_bytes, base::Ticks time) {
  return {.type = type,
          .size_bytes = static_cast<std::uint32_t>(body_bytes),
          .timestamp_ms = static_cast<std::uint32_t>(base::to_millis(time))};
}

void write_back_pointer(std::uint8_t* out, std::size_t body_bytes) {
  const std::size_t size = tag_header_bytes + body_bytes;
  for (unsigned i = 0; i < back_pointer_bytes; ++i) out[i] = static_cast<std::uint8_t>(size >> (8 * (3 - i)));
}

}  // namespace

std::size_t write_tag(base::MutableBytes out, const BodyWriter& writer, const media::Frame& frame) {
  assert(out.size() >= tag_bytes(writer, frame) && "room for the tag");
  std::size_t at = tag_header_bytes;
  at += writer.write_head(out.subspan(at), frame);
  if (!frame.payload.empty()) std::memcpy(&out[at], frame.payload.data(), frame.payload.size());
  at += frame.payload.size();
  const std::size_t body_bytes = at - tag_header_bytes;
  write_tag_header(out, header_of(writer.type(), body_bytes, frame.dts));
  write_back_pointer(&out[at], body_bytes);
  return at + back_pointer_bytes;
}

void append_tag(base::Buffer& out, TagType type, base::Ticks time, base::Bytes body) {
  const std::size_t at = out.size();
  out.resize(at + tag_header_bytes + body.size() + back_pointer_bytes);
  std::uint8_t* tag = out.data() + at;
  write_tag_header({tag, tag_header_bytes}, header_of(type, body.size(), time));
  if (!body.empty()) std::memcpy(tag + tag_header_bytes, body.data(), body.size());
  write_back_pointer(tag + tag_header_bytes + body.size(), body.size());
}

base::Buffer track_tags(const media::Tracks& tracks, base::Ticks time, WireOptions options) {
  base::Buffer out;
  // Metadata first: players look for it before anything else.
  for (const bool data : {true, false}) {
    for (const media::Track& track : tracks) {
      if ((media::kind_of(track.parameters->codec) == media::Kind::data) != data) continue;
      const BodyWriter writer(track, options);
      const base::Buffer body = writer.sequence_header();
      if (!body.empty()) append_tag(out, writer.type(), time, body);
    }
  }
  return out;
}

FileHeader file_header_of(const media::Tracks& tracks) {
  FileHeader header{.has_audio = false, .has_video = false};
  for (const media::Track& track : tracks) {
    const media::Kind kind = media::kind_of(track.parameters->codec);
    if (kind == media::Kind::audio) header.has_audio = true;
    if (kind == media::Kind::video) header.has_video = true;
  }
  return header;
}

}  // namespace weir::flv
