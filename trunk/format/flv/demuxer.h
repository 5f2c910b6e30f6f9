#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "format/flv/tag.h"

namespace weir::flv {

struct Tag {
  TagType type = TagType::script;
  std::uint32_t timestamp_ms = 0;
  std::uint64_t offset = 0;  // of its header in the stream
  base::SharedBytes body{};
};

// Reads an FLV file or stream piece by piece. A tag's body is copied once, into memory of its own that the frame made
// of it keeps. It never searches for a next tag: after the first fault it stays failed, and fault_text() says at which
// byte.
//
//   TRY_VOID(demuxer.input(piece));
//   while (auto tag = demuxer.poll()) ...
class Demuxer {
 public:
  struct Options {
    std::size_t largest_tag_bytes = 16 * 1024 * 1024;
    // Some writers put zeros or nonsense behind each tag; a publisher need not die of it.
    bool check_back_pointers = false;
  };

  Demuxer() = default;
  explicit Demuxer(Options options) : options_(options) {}

  // Takes all of `in`. Tags complete before a fault are still polled.
  base::Result<void> input(base::Bytes in);
  std::optional<Tag> poll();

  const std::optional<FileHeader>& file_header() const { return file_header_; }
  // Bytes taken so far.
  std::uint64_t offset() const { return offset_; }
  // True between two tags: a stream that ends here is whole.
  bool at_boundary() const;
  // Of the first fault: "... at byte 4711"; empty without one.
  std::string fault_text() const;

 private:
  enum class Step : std::uint8_t { file_header, skip, tag_header, body, back_pointer };

  base::Bytes gather(base::Bytes& in, std::size_t size);
  base::Result<void> begin_tag(base::Bytes header);
  void end_tag();
  Errc fail(Errc code, std::uint64_t at);

  // given
  Options options_;
  // owned
  std::deque<Tag> ready_;
  base::Block body_;
  // state
  Step step_ = Step::file_header;
  std::optional<FileHeader> file_header_;
  TagHeader tag_;
  std::array<std::uint8_t, tag_header_bytes> head_{};
  std::size_t head_used_ = 0;
  std::size_t body_used_ = 0;
  std::size_t to_skip_ = 0;
  std::uint64_t tag_offset_ = 0;
  std::uint64_t offset_ = 0;
  Errc fault_ = Errc::ok;
  std::uint64_t fault_at_ = 0;
};

}  // namespace weir::flv
