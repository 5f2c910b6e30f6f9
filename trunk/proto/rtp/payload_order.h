#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "proto/rtp/packet.h"
#include "proto/rtp/reception.h"
#include "proto/rtp/reorder.h"

namespace weir::rtp {

// The payloads of one sender in the order in which they were sent, where each goes on where the one before ended: a
// transport stream (RFC 2250). A packet that is missing is waited for; what comes twice is given once. A sender that
// begins anew, by another SSRC or other numbers, is followed. Packets in order are not copied. No socket and no clock.
class PayloadOrder {
 public:
  explicit PayloadOrder(std::chrono::milliseconds wait) : wait_(wait) {}

  // One packet that parse() understood, inside `datagram`. Calls `take(Bytes payload)` for each payload that is due.
  template <class Take>
  void input(const Packet& packet, base::Bytes datagram, base::Instant now, Take take) {
    if (!admit(packet, now, take)) return;
    if (reorder_.take_at_once(packet.sequence)) {
      take(packet.payload);
      return;
    }
    const std::size_t at = static_cast<std::size_t>(packet.payload.data() - datagram.data());
    const auto kept = base::SharedBytes::copy_of(datagram);
    Packet own = packet;
    own.payload = packet.payload.empty() ? base::Bytes() : kept.bytes().subspan(at, packet.payload.size());
    own.extension = {};
    reorder_.input(own, kept, now);
    give(now, take);
  }
  // What is due although nothing came: what stood behind a packet that was waited for long enough.
  template <class Take>
  void give(base::Instant now, Take take) {
    while (const auto next = reorder_.next(now, wait_)) take(next->packet.payload);
  }
  std::optional<base::Instant> deadline() const { return reorder_.deadline(wait_); }

  // Packets, since the beginning.
  std::uint64_t received() const { return received_; }
  std::uint64_t lost() const { return before_.lost + reorder_.lost(); }
  std::uint64_t late() const { return before_.late + reorder_.late(); }
  std::uint64_t duplicates() const { return before_.duplicates + reorder_.duplicates(); }
  std::uint64_t restarts() const { return restarts_; }
  std::chrono::microseconds jitter() const { return reception_.jitter(); }

 private:
  static constexpr std::uint32_t clock_rate = 90'000;  // RFC 2250 2

  struct Counts {
    std::uint64_t lost = 0, late = 0, duplicates = 0;
  };
  // False: of no use. What a sender said before it began anew is given first.
  template <class Take>
  bool admit(const Packet& packet, base::Instant now, Take& take) {
    const bool other = ssrc_ && *ssrc_ != packet.ssrc;
    if (other) reception_ = Reception(clock_rate);
    const Reception::Verdict verdict = reception_.note(packet.sequence, packet.timestamp, now);
    if (verdict == Reception::Verdict::stray) return false;
    if (other || verdict == Reception::Verdict::restart) {
      while (const auto next = reorder_.next(now, std::chrono::milliseconds(0))) take(next->packet.payload);
      begin_anew();
    }
    ssrc_ = packet.ssrc;
    ++received_;
    return true;
  }
  void begin_anew();

  // given
  std::chrono::milliseconds wait_;

  // state
  Reorder reorder_;
  Reception reception_{clock_rate};
  std::optional<std::uint32_t> ssrc_;
  Counts before_;  // it began anew
  std::uint64_t received_ = 0, restarts_ = 0;
};

}  // namespace weir::rtp
