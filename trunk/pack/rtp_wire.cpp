#include "pack/rtp_wire.h"

#include <cassert>
#include <cstring>

namespace weir::pack {

namespace {

template <class Number>
void put(base::MutableBytes room, std::size_t at, Number value) {
  std::memcpy(room.data() + at, &value, sizeof value);
}

template <class Number>
Number get(base::Bytes bytes, std::size_t at) {
  Number value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace

void RtpWire::write(base::MutableBytes room, const Head& head, std::span<const std::uint16_t> sizes,
                    base::Bytes payloads) {
  assert(room.size() == size_of(sizes.size(), payloads.size()) && "the room is what size_of() says");
  room[0] = static_cast<std::uint8_t>(head.codec);
  room[1] = head.key ? 1 : 0;
  put(room, 2, static_cast<std::uint16_t>(sizes.size()));
  put(room, 4, head.generation);
  put(room, 8, static_cast<std::int64_t>(head.pts.count()));
  if (!sizes.empty()) std::memcpy(room.data() + head_bytes, sizes.data(), sizes.size_bytes());
  if (!payloads.empty()) std::memcpy(room.data() + head_bytes + sizes.size_bytes(), payloads.data(), payloads.size());
}

std::optional<RtpWire> RtpWire::read(base::Bytes wire) {
  if (wire.size() < head_bytes) return std::nullopt;
  RtpWire out;
  out.head_ = {static_cast<media::Codec>(wire[0]), (wire[1] & 1) != 0, get<std::uint32_t>(wire, 4),
               base::Ticks(get<std::int64_t>(wire, 8))};
  out.count_ = get<std::uint16_t>(wire, 2);
  const std::size_t sizes_bytes = 2 * out.count_;
  if (wire.size() < head_bytes + sizes_bytes) return std::nullopt;
  out.sizes_ = wire.subspan(head_bytes, sizes_bytes);
  out.payloads_ = wire.subspan(head_bytes + sizes_bytes);
  std::size_t total = 0;
  for (std::size_t i = 0; i < out.count_; ++i) total += out.size_of_payload(i);
  if (total != out.payloads_.size()) return std::nullopt;
  return out;
}

std::size_t RtpWire::size_of_payload(std::size_t index) const { return get<std::uint16_t>(sizes_, 2 * index); }

base::Bytes RtpWire::payload(std::size_t index) const {
  std::size_t offset = 0;
  for (std::size_t i = 0; i < index; ++i) offset += size_of_payload(i);
  return payloads_.subspan(offset, size_of_payload(index));
}

RtpWire::Walk::Walk(const RtpWire& wire, std::size_t first) : wire_(wire), index_(first) {
  for (std::size_t i = 0; i < first; ++i) offset_ += wire_.size_of_payload(i);
}

std::optional<base::Bytes> RtpWire::Walk::next() {
  if (index_ >= wire_.count_) return std::nullopt;
  const std::size_t size = wire_.size_of_payload(index_++);
  const base::Bytes payload = wire_.payloads_.subspan(offset_, size);
  offset_ += size;
  return payload;
}

}  // namespace weir::pack
