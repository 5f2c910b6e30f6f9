#include "session/gb28181/media_framing.h"

namespace weir::session::gb28181 {

using base::Bytes;

namespace {

constexpr std::size_t length_head = 2, dollar_head = 4;

bool begins_rtp(Bytes in) { return (in[0] & 0xc0) == 0x80; }  // version 2

}  // namespace

void MediaFraming::input(Bytes bytes) {
  buffer_.consume(at_);
  at_ = 0;
  buffer_.append(bytes);
}

// False: more has to be read.
base::Result<bool> MediaFraming::recognise(Bytes head) {
  if (head.size() <= dollar_head) return false;
  if (begins_rtp(head.subspan(length_head))) {
    kind_ = Kind::by_length;
  } else if (head[0] == '$' && begins_rtp(head.subspan(dollar_head))) {
    kind_ = Kind::by_dollar;
  } else if (head[0] == 0 && head[1] == 0) {
    return MediaErrc::frame_of_no_length;
  } else {
    return MediaErrc::no_framing;
  }
  return true;
}

base::Result<std::optional<Bytes>> MediaFraming::next() {
  const Bytes left = rest();
  if (kind_ == Kind::unknown) {
    TRY(const bool known, recognise(left));
    if (!known) return std::optional<Bytes>();
  }
  const std::size_t head = kind_ == Kind::by_length ? length_head : dollar_head;
  if (left.size() < head) return std::optional<Bytes>();
  if (kind_ == Kind::by_dollar && left[0] != '$') return MediaErrc::no_framing;
  const std::size_t size = static_cast<std::size_t>(left[head - 2] << 8 | left[head - 1]);
  if (size == 0) return MediaErrc::frame_of_no_length;
  if (left.size() < head + size) return std::optional<Bytes>();
  at_ += head + size;
  return std::optional(left.subspan(head, size));
}

}  // namespace weir::session::gb28181
