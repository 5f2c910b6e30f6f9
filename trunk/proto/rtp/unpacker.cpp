#include "proto/rtp/unpacker.h"

#include <utility>

namespace weir::rtp {

Assembler::Assembler(media::Codec codec, std::unique_ptr<Unpacker> unpacker)
    : audio_(media::kind_of(codec) == media::Kind::audio), unpacker_(std::move(unpacker)), needs_key_(!audio_) {}

void Assembler::spoil() {
  spoiled_ = true;
  if (!audio_) needs_key_ = true;
}

void Assembler::input(const Reorder::Ordered& packet) {
  const bool changed = timestamp_ && *timestamp_ != packet.packet.timestamp;
  if (packet.after_gap && timestamp_) {
    // What is missing may be the end of the frame under way or the beginning of this one; who can tell.
    spoil();
  }
  if (changed) end_frame(packet.arrived);
  if (packet.after_gap) spoil();
  timestamp_ = packet.packet.timestamp;
  if (!packet.packet.payload.empty() && !unpacker_->input(packet.packet.payload)) spoil();
  if (packet.packet.marker || audio_) end_frame(packet.arrived);
}

void Assembler::end_frame(base::Instant arrived) {
  if (!timestamp_) return;
  auto whole = unpacker_->take();
  const std::uint32_t timestamp = *std::exchange(timestamp_, std::nullopt);
  if (std::exchange(spoiled_, false) || !whole) {
    ++broken_;
    if (!audio_) needs_key_ = true;
    return;
  }
  if (whole->bytes.empty()) return;
  if (needs_key_ && !whole->key && whole->picture) {
    ++dropped_;
    return;
  }
  if (whole->picture) needs_key_ = false;
  Frame frame{std::move(whole->bytes), timestamp, whole->key, whole->picture, arrived};
  (first_ ? second_ : first_) = std::move(frame);
}

std::optional<Assembler::Frame> Assembler::take() {
  auto out = std::exchange(first_, std::nullopt);
  first_ = std::exchange(second_, std::nullopt);
  return out;
}

}  // namespace weir::rtp
