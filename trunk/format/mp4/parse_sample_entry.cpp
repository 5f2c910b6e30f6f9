#include "base/byte_writer.h"
#include "codec/opus.h"
#include "format/mp4/box.h"
#include "format/mp4/sample_entry.h"

namespace weir::mp4 {
namespace {

using base::Bytes;
using media::Codec;

constexpr std::size_t visual_bytes = 78, audio_bytes = 28;

// The body of the first descriptor with this tag at the front of `in`; moves `in` to it. ISO 14496-1 8.3.3
bool enter_descriptor(base::ByteReader& r, std::uint8_t tag) {
  if (r.u8() != tag) return false;
  for (int i = 0; i < 4; ++i) {
    if ((r.u8() & 0x80) == 0) break;
  }
  return r.ok();
}

base::Result<SampleEntry> parse_esds(Bytes esds) {
  base::ByteReader r{esds};
  read_full_box(r);
  SampleEntry entry{.codec = Codec::aac, .extradata = {}};
  if (!enter_descriptor(r, 3)) return Errc::no_configuration;
  r.u16();
  const std::uint8_t flags = r.u8();
  if ((flags & 0x80) != 0) r.skip(2);
  if ((flags & 0x40) != 0) r.skip(r.u8());
  if ((flags & 0x20) != 0) r.skip(2);
  if (!enter_descriptor(r, 4)) return Errc::no_configuration;
  const std::uint8_t object_type = r.u8();
  r.skip(12);
  if (!r.ok()) return Errc::truncated;
  if (object_type == 0x69 || object_type == 0x6b) {
    entry.codec = Codec::mp3;
    return entry;
  }
  if (object_type != 0x40) return Errc::unsupported_codec;
  if (r.u8() != 5) return Errc::no_configuration;
  std::size_t size = 0;
  for (int i = 0; i < 4; ++i) {
    const std::uint8_t byte = r.u8();
    size = size << 7 | (byte & 0x7f);
    if ((byte & 0x80) == 0) break;
  }
  entry.extradata.append(r.take(size));
  if (!r.ok()) return Errc::truncated;
  return entry;
}

// dOps to OpusHead.
base::Result<SampleEntry> parse_dops(Bytes dops) {
  base::ByteReader r{dops};
  SampleEntry entry{.codec = Codec::opus, .extradata = {}};
  base::ByteWriter w(entry.extradata);
  r.u8();
  w.text("OpusHead");
  w.u8(1);
  w.u8(r.u8());
  w.u16le(r.u16());
  w.u32le(r.u32());
  w.u16le(r.u16());
  w.bytes(r.rest());  // mapping family and table
  if (!r.ok() || entry.extradata.size() < 19) return Errc::truncated;
  return entry;
}

base::Result<SampleEntry> with_box(Bytes boxes, Codec codec, FourCc type, std::size_t skip = 0) {
  const auto found = find_box(boxes, type);
  if (!found || found->size() < skip) return Errc::no_configuration;
  SampleEntry entry{.codec = codec, .extradata = {}};
  entry.extradata.append(found->subspan(skip));
  return entry;
}

}  // namespace

base::Result<SampleEntry> parse_sample_entry(Bytes in) {
  Boxes boxes(in);
  const auto box = boxes.next();
  if (!box) return Errc::truncated;
  const auto after = [&](std::size_t size) { return box->payload.subspan(std::min(size, box->payload.size())); };
  switch (box->type) {
    case fourcc("avc1"):
    case fourcc("avc3"):
      return with_box(after(visual_bytes), Codec::h264, fourcc("avcC"));
    case fourcc("hvc1"):
    case fourcc("hev1"):
      return with_box(after(visual_bytes), Codec::hevc, fourcc("hvcC"));
    case fourcc("av01"):
      return with_box(after(visual_bytes), Codec::av1, fourcc("av1C"));
    case fourcc("vp09"):
      return with_box(after(visual_bytes), Codec::vp9, fourcc("vpcC"), 4);
    case fourcc("fLaC"):
      return with_box(after(audio_bytes), Codec::flac, fourcc("dfLa"), 8);
    case fourcc("ac-3"):
      return SampleEntry{.codec = Codec::ac3, .extradata = {}};
    case fourcc("ec-3"):
      return SampleEntry{.codec = Codec::eac3, .extradata = {}};
    case fourcc("mp4a"): {
      const auto esds = find_box(after(audio_bytes), fourcc("esds"));
      if (!esds) return Errc::no_configuration;
      return parse_esds(*esds);
    }
    case fourcc("Opus"): {
      const auto dops = find_box(after(audio_bytes), fourcc("dOps"));
      if (!dops) return Errc::no_configuration;
      return parse_dops(*dops);
    }
    default:
      return Errc::unsupported_codec;
  }
}

}  // namespace weir::mp4
