#include "format/flv/demuxer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/byte_reader.h"

namespace weir::flv {

base::Result<void> Demuxer::input(base::Bytes in) {
  if (fault_ != Errc::ok) return fault_;
  while (!in.empty()) {
    switch (step_) {
      case Step::file_header: {
        const base::Bytes head = gather(in, file_header_bytes);
        if (head.empty()) break;
        const auto header = parse_file_header(head);
        if (!header) return fail(static_cast<Errc>(header.error().value()), 0);
        file_header_ = *header;
        to_skip_ = header->size_bytes - file_header_bytes + back_pointer_bytes;
        step_ = Step::skip;
        break;
      }
      case Step::skip: {
        const std::size_t size = std::min(to_skip_, in.size());
        in = in.subspan(size);
        offset_ += size;
        to_skip_ -= size;
        if (to_skip_ == 0) step_ = Step::tag_header;
        break;
      }
      case Step::tag_header: {
        if (head_used_ == 0) tag_offset_ = offset_;
        const base::Bytes head = gather(in, tag_header_bytes);
        if (!head.empty()) TRY_VOID(begin_tag(head));
        break;
      }
      case Step::body: {
        const std::size_t size = std::min(tag_.size_bytes - body_used_, in.size());
        std::memcpy(body_.data() + body_used_, in.data(), size);
        in = in.subspan(size);
        offset_ += size;
        body_used_ += size;
        if (body_used_ == tag_.size_bytes) end_tag();
        break;
      }
      case Step::back_pointer: {
        const std::uint64_t at = offset_ - head_used_;
        base::ByteReader pointer{gather(in, back_pointer_bytes)};
        if (pointer.left() == 0) break;
        step_ = Step::tag_header;
        if (options_.check_back_pointers && pointer.u32() != tag_header_bytes + tag_.size_bytes) {
          return fail(Errc::bad_back_pointer, at);
        }
        break;
      }
    }
  }
  return {};
}

// `size` bytes in one piece, or nothing while they are not all there.
base::Bytes Demuxer::gather(base::Bytes& in, std::size_t size) {
  const std::size_t part = std::min(size - head_used_, in.size());
  std::memcpy(head_.data() + head_used_, in.data(), part);
  in = in.subspan(part);
  offset_ += part;
  head_used_ += part;
  if (head_used_ < size) return {};
  head_used_ = 0;
  return base::Bytes(head_).first(size);
}

base::Result<void> Demuxer::begin_tag(base::Bytes header) {
  const auto parsed = parse_tag_header(header);
  if (!parsed) return fail(static_cast<Errc>(parsed.error().value()), tag_offset_);
  tag_ = *parsed;
  if (tag_.encrypted) return fail(Errc::encrypted_tag, tag_offset_);
  if (tag_.size_bytes > options_.largest_tag_bytes) return fail(Errc::tag_too_large, tag_offset_);
  body_used_ = 0;
  if (tag_.size_bytes == 0) {
    end_tag();
    return {};
  }
  body_ = base::Block::allocate(tag_.size_bytes);
  step_ = Step::body;
  return {};
}

void Demuxer::end_tag() {
  Tag tag{.type = tag_.type, .timestamp_ms = tag_.timestamp_ms, .offset = tag_offset_};
  if (tag_.size_bytes > 0) {
    const std::uint8_t* data = body_.data();
    tag.body = base::SharedBytes(std::move(body_), data, tag_.size_bytes);
  }
  ready_.push_back(std::move(tag));
  step_ = Step::back_pointer;
}

std::optional<Tag> Demuxer::poll() {
  if (ready_.empty()) return std::nullopt;
  Tag tag = std::move(ready_.front());
  ready_.pop_front();
  return tag;
}

bool Demuxer::at_boundary() const {
  // A file that lacks its very last back pointer has lost nothing.
  return head_used_ == 0 && (step_ == Step::tag_header || step_ == Step::back_pointer);
}

Errc Demuxer::fail(Errc code, std::uint64_t at) {
  fault_ = code;
  fault_at_ = at;
  return code;
}

std::string Demuxer::fault_text() const {
  return fault_ == Errc::ok ? std::string() : fmt::format("{} at byte {}", describe(fault_), fault_at_);
}

}  // namespace weir::flv
