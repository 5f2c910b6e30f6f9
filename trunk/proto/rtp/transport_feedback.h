#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_writer.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "proto/rtp/error.h"
#include "proto/rtp/sequence.h"

namespace weir::rtp {

// Transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01): a sender numbers all packets
// of a transport, and the receiver says when each came. A sender of video that gets no feedback goes down to 30 kb/s.

// What a receiver collects. Every packet that carries the extension is noted, whatever its SSRC and whether or not it
// decrypts: browsers probe on sources that are not in use yet. Lives on the session's worker.
class ArrivalLog {
 public:
  void note(std::uint16_t transport_sequence, base::Instant arrived);
  // Appends one feedback packet (RTCP 205, format 15) about what came since the last; false if nothing did. Packets
  // that are missing between are reported as lost once. Repeat until it says false: a packet covers what fits its
  // deltas and most_reported.
  bool write(base::ByteWriter& w, std::uint32_t sender, std::uint32_t media);
  bool empty() const { return arrivals_.empty(); }
  // Numbers that came after their feedback, or that were a jump of more than most_reported: not reported.
  std::uint64_t ignored() const { return ignored_; }

  static constexpr std::size_t most_reported = 400;

 private:
  struct Arrival {
    std::int64_t sequence;
    base::Instant time;
  };

  // state
  Unwrapper<std::uint16_t> unwrap_;
  std::vector<Arrival> arrivals_;     // rising sequence numbers
  std::optional<std::int64_t> next_;  // the first number that the next feedback speaks of
  std::optional<base::Instant> origin_;
  std::uint8_t count_ = 0;
  std::uint64_t ignored_ = 0;
};

// What a sender is told: for each number whether and when it came.
struct TransportReport {
  std::uint16_t base = 0;
  std::uint8_t count = 0;                 // of feedback packets, to notice lost ones
  std::chrono::microseconds reference{};  // of the receiver's clock, in steps of 64 ms
  struct Status {
    bool received = false;
    std::chrono::microseconds time{};  // of the receiver's clock, when received
  };
  std::vector<Status> packets;  // from `base` on
};
// `body` as TransportFeedback of rtcp.h gives it. Errc::bad_feedback.
base::Result<TransportReport> parse_transport_feedback(base::Bytes body);

}  // namespace weir::rtp
