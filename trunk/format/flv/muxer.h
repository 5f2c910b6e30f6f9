#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "format/flv/body_writer.h"
#include "format/flv/tag.h"
#include "media/frame.h"

namespace weir::flv {

// Bytes of the whole tag of a frame: header, body and back pointer.
inline std::size_t tag_bytes(const BodyWriter& writer, const media::Frame& frame) {
  return tag_header_bytes + writer.body_bytes(frame) + back_pointer_bytes;
}

// Writes that tag to the start of `out`, which has tag_bytes(...) or more, without allocating. Returns its size.
//
//   const auto room = slab.reserve(flv::tag_bytes(writer, frame));
//   const auto wire = slab.commit(flv::write_tag(room, writer, frame));
std::size_t write_tag(base::MutableBytes out, const BodyWriter& writer, const media::Frame& frame);

// The tag around a body that exists already: sequence header, metadata.
void append_tag(base::Buffer& out, TagType type, base::Ticks time, base::Bytes body);

// What a new reader needs before the first frame: the metadata and the sequence header of each track as tags. The file
// header is apart, write_prologue().
base::Buffer track_tags(const media::Tracks& tracks, base::Ticks time, WireOptions options = {});

// What the file header says of the tracks.
FileHeader file_header_of(const media::Tracks& tracks);

}  // namespace weir::flv
