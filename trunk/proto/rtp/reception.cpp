#include "proto/rtp/reception.h"

#include <algorithm>
#include <cmath>

namespace weir::rtp {

using base::Instant;

namespace {

constexpr std::int64_t most_dropout = 3000, most_misorder = 1000;  // RFC 3550 A.1 has 3000 and 100

std::int64_t units_of(Instant time, std::uint32_t clock_rate) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  const std::int64_t rate = clock_rate;
  return micros / 1'000'000 * rate + micros % 1'000'000 * rate / 1'000'000;
}

}  // namespace

void Reception::begin(std::uint16_t sequence) {
  highest_ = {};
  first_ = highest_(sequence);
  any_ = true;
  received_ = received_before_ = expected_before_ = 0;
  next_if_anew_.reset();
  transit_.reset();
}

Reception::Verdict Reception::note(std::uint16_t sequence, std::uint32_t timestamp, Instant arrived) {
  Verdict verdict = Verdict::good;
  if (!any_) {
    begin(sequence);
  } else if (const std::int64_t step = highest_.peek(sequence) - highest_.newest();
             step > most_dropout || step < -most_misorder) {
    if (next_if_anew_ != sequence) {
      next_if_anew_ = static_cast<std::uint16_t>(sequence + 1);
      return Verdict::stray;
    }
    lost_total_ += expected() - received_;
    begin(sequence);
    verdict = Verdict::restart;
  }
  (void)highest_(sequence);
  ++received_;
  ++received_total_;
  note_jitter(timestamp, arrived);
  return verdict;
}

// A.8. Differences are taken in the circle of 32 bits, so that it does not matter where either clock begins.
void Reception::note_jitter(std::uint32_t timestamp, Instant arrived) {
  const auto transit = static_cast<std::uint32_t>(units_of(arrived, clock_rate_) - timestamp);
  if (transit_) {
    const auto distance = static_cast<std::int32_t>(transit - *transit_);
    // A jump of the sender's clock says nothing of the way.
    if (std::abs(static_cast<std::int64_t>(distance)) < std::int64_t{clock_rate_} * 5) {
      jitter_ += (std::abs(static_cast<double>(distance)) - jitter_) / 16;
    }
  }
  transit_ = transit;
}

void Reception::note_report(std::uint64_t ntp, Instant arrived) {
  last_report_ = middle_of(ntp);
  last_report_at_ = arrived;
}

ReportBlock Reception::report(std::uint32_t ssrc, Instant now) {
  const std::int64_t expected_now = expected();
  const std::int64_t expected_since = expected_now - expected_before_, received_since = received_ - received_before_;
  const std::int64_t lost_since = expected_since - received_since;
  expected_before_ = expected_now;
  received_before_ = received_;
  fraction_ = expected_since <= 0 || lost_since <= 0
                  ? std::uint8_t{0}
                  : static_cast<std::uint8_t>(std::min<std::int64_t>(255, lost_since * 256 / expected_since));
  ReportBlock block;
  block.ssrc = ssrc;
  block.fraction_lost = fraction_;
  block.lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(lost(), -0x800000, 0x7fffff));
  block.highest = static_cast<std::uint32_t>(highest_.newest());
  block.jitter = static_cast<std::uint32_t>(jitter_);
  block.last_report = last_report_;
  if (last_report_ != 0) {
    const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now - last_report_at_).count();
    block.delay = static_cast<std::uint32_t>(std::max<std::int64_t>(0, since) * 65'536 / 1'000'000);
  }
  return block;
}

std::chrono::microseconds Reception::jitter() const {
  return std::chrono::microseconds(static_cast<std::int64_t>(jitter_ * 1e6 / clock_rate_));
}

std::uint64_t ntp_of(Instant now) {
  const auto nanos =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count());
  constexpr std::uint64_t second = 1'000'000'000;
  return nanos / second << 32 | ((nanos % second) << 32) / second;
}

}  // namespace weir::rtp
