#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "proto/rtp/rtcp.h"
#include "proto/rtp/sequence.h"

namespace weir::rtp {

// What a receiver knows of one source for its reports: RFC 3550 6.4.1, A.1, A.3 and A.8. Packets that came by a
// retransmission of their own SSRC (RFC 4588) are none of the source's and not noted here, so that a sender sees what
// its way loses. Lives on the session's worker.
class Reception {
 public:
  explicit Reception(std::uint32_t clock_rate) : clock_rate_(clock_rate) {}

  enum class Verdict : std::uint8_t {
    good,
    stray,    // far from the numbers before it, alone
    restart,  // the second in a row of a sender that began to count anew: forget what was before
  };
  Verdict note(std::uint16_t sequence, std::uint32_t timestamp, base::Instant arrived);
  // A sender report came: `ntp` as it says.
  void note_report(std::uint64_t ntp, base::Instant arrived);
  // The block for the next report; the fraction lost is that since the last one.
  ReportBlock report(std::uint32_t ssrc, base::Instant now);

  std::uint64_t received() const { return received_total_; }
  std::int64_t lost() const { return lost_total_ + expected() - received_; }  // negative where packets came twice
  double fraction_lost() const { return fraction_ / 256.0; }                  // of the last report
  std::chrono::microseconds jitter() const;

 private:
  void begin(std::uint16_t sequence);
  std::int64_t expected() const { return any_ ? highest_.newest() - first_ + 1 : 0; }
  void note_jitter(std::uint32_t timestamp, base::Instant arrived);

  // given
  std::uint32_t clock_rate_;

  // state
  Unwrapper<std::uint16_t> highest_;
  bool any_ = false;
  std::int64_t first_ = 0;
  std::int64_t received_ = 0, received_before_ = 0, expected_before_ = 0;  // since the sender began to count
  std::uint64_t received_total_ = 0;
  std::int64_t lost_total_ = 0;                // before that
  std::optional<std::uint16_t> next_if_anew_;  // after a stray
  double jitter_ = 0;                          // in units of the timestamp
  std::optional<std::uint32_t> transit_;
  std::uint8_t fraction_ = 0;
  std::uint32_t last_report_ = 0;
  base::Instant last_report_at_{};
};

// The time of a monotone clock as NTP's 32.32 fixed point; its origin means nothing. For what comes back to us only.
std::uint64_t ntp_of(base::Instant now);
// The middle 32 bits, as reports say them: 1/65536 s.
constexpr std::uint32_t middle_of(std::uint64_t ntp) { return static_cast<std::uint32_t>(ntp >> 16); }

}  // namespace weir::rtp
