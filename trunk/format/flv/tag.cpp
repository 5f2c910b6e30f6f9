#include "format/flv/tag.h"

#include "base/byte_reader.h"

namespace weir::flv {

namespace {

void put(std::uint8_t* out, std::uint32_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
}

}  // namespace

base::Result<TagHeader> parse_tag_header(base::Bytes in) {
  base::ByteReader r{in};
  TagHeader header;
  const std::uint8_t first = r.u8();
  header.encrypted = (first & 0x20) != 0;
  header.type = static_cast<TagType>(first & 0x1f);
  header.size_bytes = r.u24();
  const std::uint32_t low = r.u24();  // the time is 24 bits, then its top byte
  const std::uint32_t high = r.u8();
  header.timestamp_ms = high << 24 | low;
  r.u24();  // stream id
  if (!r.ok()) return Errc::truncated;
  if (header.type != TagType::audio && header.type != TagType::video && header.type != TagType::script) {
    return Errc::bad_tag_type;
  }
  return header;
}

void write_tag_header(base::MutableBytes out, const TagHeader& header) {
  out[0] = static_cast<std::uint8_t>(header.type);
  put(&out[1], header.size_bytes, 3);
  put(&out[4], header.timestamp_ms & 0xffffff, 3);
  out[7] = static_cast<std::uint8_t>(header.timestamp_ms >> 24);
  put(&out[8], 0, 3);
}

base::Result<FileHeader> parse_file_header(base::Bytes in) {
  constexpr std::uint32_t largest_header = 4096;
  base::ByteReader r{in};
  const std::uint32_t signature = r.u24();
  const std::uint8_t version = r.u8();
  const std::uint8_t flags = r.u8();
  FileHeader header;
  header.has_audio = (flags & 4) != 0;
  header.has_video = (flags & 1) != 0;
  header.size_bytes = r.u32();
  if (!r.ok()) return Errc::truncated;
  if (signature != 0x464c56 || version != 1) return Errc::not_flv;
  if (header.size_bytes < file_header_bytes || header.size_bytes > largest_header) return Errc::bad_header_size;
  return header;
}

void write_prologue(base::MutableBytes out, const FileHeader& header) {
  put(&out[0], 0x464c5601, 4);  // "FLV", version 1
  out[4] = static_cast<std::uint8_t>((header.has_audio ? 4 : 0) | (header.has_video ? 1 : 0));
  put(&out[5], file_header_bytes, 4);
  put(&out[9], 0, 4);
}

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::truncated:
      return "the FLV bytes end inside a header";
    case Errc::not_flv:
      return "this does not begin as an FLV file of version 1";
    case Errc::bad_header_size:
      return "the FLV file header has an absurd size";
    case Errc::bad_tag_type:
      return "an FLV tag that is neither audio, video nor script data";
    case Errc::tag_too_large:
      return "an FLV tag larger than the limit";
    case Errc::bad_back_pointer:
      return "the size behind an FLV tag is not the size of that tag";
    case Errc::encrypted_tag:
      return "an encrypted FLV tag";
    case Errc::empty_body:
      return "an audio or video message without bytes";
    case Errc::unsupported_codec:
      return "a codec id or FourCC that is not supported";
    case Errc::bad_packet_type:
      return "a packet type that this codec does not have";
    case Errc::bad_frame_type:
      return "a video frame type that does not exist";
    case Errc::bad_multitrack:
      return "a multitrack message inside another, or of an unknown kind";
    case Errc::track_past_end:
      return "a track of a multitrack message is longer than the message";
    case Errc::too_many_tracks:
      return "more tracks than the limit";
    case Errc::too_many_modifiers:
      return "too many modifiers before a packet";
    case Errc::empty_sequence_header:
      return "a sequence header without bytes";
    case Errc::no_sequence_header:
      return "a frame before the sequence header of its track";
    case Errc::bad_script_data:
      return "a data message whose AMF0 cannot be read";
  }
  return "unknown FLV error";
}

}  // namespace weir::flv
