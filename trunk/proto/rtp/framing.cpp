#include "proto/rtp/framing.h"

namespace weir::rtp {

using base::MutableBytes;

void FrameReader::input(base::Bytes bytes) {
  buffer_.consume(at_);
  at_ = 0;
  buffer_.append(bytes);
}

base::Result<std::optional<MutableBytes>> FrameReader::next() {
  for (;;) {
    const MutableBytes rest = MutableBytes(buffer_.data(), buffer_.size()).subspan(at_);
    if (rest.size() < frame_head_bytes) return std::optional<MutableBytes>();
    const std::size_t size = static_cast<std::size_t>(rest[0]) << 8U | rest[1];
    if (size > most_) return Errc::frame_too_long;
    if (rest.size() < frame_head_bytes + size) return std::optional<MutableBytes>();
    at_ += frame_head_bytes + size;
    if (size > 0) return std::optional(rest.subspan(frame_head_bytes, size));  // RFC 4571 2: of no bytes, it is none
  }
}

}  // namespace weir::rtp
