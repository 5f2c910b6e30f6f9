#include "session/webrtc/incoming.h"

#include <algorithm>
#include <utility>

namespace weir::session::webrtc {

using base::Instant;
using std::chrono::milliseconds;

namespace {

rtp::Assembler make_assembler(media::Codec codec) { return {codec, rtp::make_unpacker(codec)}; }

}  // namespace

Incoming::Incoming(const Given& given)
    : given_(given), assembler_(make_assembler(given.codec.codec)), reception_(given.codec.clock_rate) {}

base::Ticks Incoming::since_origin(Instant at) const {
  return std::chrono::duration_cast<base::Ticks>(at - given_.origin);
}

// The sender began to count anew: what was half there is of no use.
void Incoming::restart() {
  late_ = late();
  duplicates_ = duplicates();
  broken_ = broken();
  dropped_ = dropped();
  recovered_ = recovered();
  reorder_ = {};
  nacks_ = {};
  assembler_ = make_assembler(given_.codec.codec);
}

bool Incoming::input(const rtp::Packet& packet, base::SharedBytes bytes, Instant arrived, bool again) {
  if (!again) {
    switch (reception_.note(packet.sequence, packet.timestamp, arrived)) {
      case rtp::Reception::Verdict::stray:
        return false;
      case rtp::Reception::Verdict::restart:
        restart();
        break;
      case rtp::Reception::Verdict::good:
        break;
    }
    if (!clock_) {
      clock_.emplace(given_.codec.clock_rate, since_origin(arrived), packet.timestamp);
    } else if (clock_->note(packet.timestamp, since_origin(arrived))) {
      report_ = {};
    }
    heard_at_ = arrived;
    said_bye_ = false;
  } else if (!clock_) {
    return false;
  }
  bytes_ += bytes.size();
  if (given_.codec.nack && nacks_.note(packet.sequence, arrived)) assembler_.require_key();
  reorder_.input(packet, std::move(bytes), arrived);
  return true;
}

milliseconds Incoming::wait(milliseconds round_trip) const {
  if (!given_.codec.nack) return least_wait;
  // Time for a packet to be asked for three times and to come late the last time: of a way that loses one in twenty it
  // comes then, all but one in a thousand.
  return std::clamp(round_trip * 4 + milliseconds(60), least_wait, most_wait);
}

std::optional<Incoming::Unit> Incoming::next(Instant now, milliseconds round_trip) {
  for (;;) {
    if (auto whole = assembler_.take()) {
      return Unit{std::move(whole->bytes), whole->key, whole->picture, clock_->time_of(whole->timestamp)};
    }
    const auto ordered = reorder_.next(now, wait(round_trip));
    if (!ordered) return std::nullopt;
    if (ordered->after_gap) nacks_.pass(ordered->packet.sequence);
    assembler_.input(*ordered);
  }
}

std::optional<Instant> Incoming::deadline(milliseconds round_trip) const { return reorder_.deadline(wait(round_trip)); }

std::uint64_t Incoming::take_bitrate(Instant now) {
  const double seconds = std::chrono::duration<double>(now - measured_at_).count();
  bitrate_ = measured_at_ == Instant{} || seconds <= 0
                 ? 0
                 : static_cast<std::uint64_t>(static_cast<double>(std::exchange(bytes_, 0)) * 8 / seconds);
  measured_at_ = now;
  return bitrate_;
}

}  // namespace weir::session::webrtc
