#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "format/flv/error.h"

namespace weir::flv {

// The message types of RTMP have the same numbers.
enum class TagType : std::uint8_t { audio = 8, video = 9, script = 18 };

inline constexpr std::size_t tag_header_bytes = 11;
inline constexpr std::size_t back_pointer_bytes = 4;  // PreviousTagSize, behind each tag
inline constexpr std::size_t file_header_bytes = 9;
inline constexpr std::size_t prologue_bytes = file_header_bytes + back_pointer_bytes;

struct TagHeader {
  TagType type = TagType::script;
  bool encrypted = false;          // the filter bit
  std::uint32_t size_bytes = 0;    // of the body, 24 bits
  std::uint32_t timestamp_ms = 0;  // wraps after 49 days
};

// Adobe FLV 10.1 annex E.4.1. The stream id, always zero, is not looked at.
base::Result<TagHeader> parse_tag_header(base::Bytes in);
// `out` has at least tag_header_bytes.
void write_tag_header(base::MutableBytes out, const TagHeader& header);

struct FileHeader {
  bool has_audio = true;
  bool has_video = true;
  std::uint32_t size_bytes = file_header_bytes;  // where the first back pointer is
};

// E.2
base::Result<FileHeader> parse_file_header(base::Bytes in);
// The file header and the first back pointer: what every FLV begins with. `out` has at least prologue_bytes.
void write_prologue(base::MutableBytes out, const FileHeader& header);

}  // namespace weir::flv
