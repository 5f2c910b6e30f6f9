#include "session/webrtc/source_clock.h"

#include <algorithm>

namespace weir::session::webrtc {

using base::Ticks;

namespace {

std::int64_t micros_of(std::uint64_t ntp) {
  const auto seconds = static_cast<std::int64_t>(ntp >> 32);
  const auto fraction = static_cast<std::int64_t>(((ntp & 0xffffffffU) * 1'000'000) >> 32);
  return seconds * 1'000'000 + fraction;
}

Ticks ticks_of(std::int64_t micros) { return Ticks(micros * 9 / 100); }

bool apart(Ticks distance, Ticks most) { return distance > most || distance < -most; }

}  // namespace

SourceClock::SourceClock(std::uint32_t clock_rate, Ticks arrival, std::uint32_t timestamp)
    : clock_rate_(std::max<std::uint32_t>(clock_rate, 1)), anchor_(unwrap_(timestamp)), anchored_at_(arrival) {}

Ticks SourceClock::distance(std::int64_t timestamp) const {
  const std::int64_t units = timestamp - anchor_, rate = clock_rate_;
  return Ticks(units / rate * 90'000 + units % rate * 90'000 / rate);
}

Ticks SourceClock::raw(std::uint32_t timestamp) const { return anchored_at_ + distance(unwrap_.peek(timestamp)); }

bool SourceClock::note(std::uint32_t timestamp, Ticks arrival) {
  if (!apart(raw(timestamp) - arrival, far)) {
    (void)unwrap_(timestamp);
    return false;
  }
  unwrap_ = {};
  anchor_ = unwrap_(timestamp);
  anchored_at_ = arrival;
  correction_ = aim_ = {};
  newest_.reset();
  return true;
}

Ticks SourceClock::time_of(std::uint32_t timestamp) {
  const Ticks at = raw(timestamp);
  if (newest_ && at > *newest_) {
    const Ticks most = (at - *newest_) / slew;
    correction_ += std::clamp(aim_ - correction_, -most, most);
  }
  newest_ = newest_ ? std::max(*newest_, at) : at;
  return at + correction_;
}

bool Synchroniser::note(Report& report, const SourceClock& clock, std::uint64_t ntp, std::uint32_t timestamp,
                        Ticks arrival) {
  const std::int64_t now_us = micros_of(ntp);
  const Ticks at = clock.raw(timestamp);
  const auto contradicts = [&](std::int64_t ntp_us, Ticks arrived) {
    return apart(ticks_of(now_us - ntp_us) - (arrival - arrived), wild);
  };
  bool doubtful =
      ntp == 0 || apart(at - arrival, wild) || (report.ntp_us_ != 0 && contradicts(report.ntp_us_, report.arrival_));
  if (doubtful && ntp != 0 && !apart(at - arrival, wild)) {
    const bool same = report.doubted_ > 0 && !contradicts(report.doubted_us_, report.doubted_at_);
    report.doubted_ = same ? report.doubted_ + 1 : 1;
    report.doubted_us_ = now_us;
    report.doubted_at_ = arrival;
    doubtful = report.doubted_ < kept_to;
  }
  if (doubtful) {
    ++ignored_;
    return false;
  }
  report.doubted_ = 0;
  report.ntp_us_ = now_us;
  report.arrival_ = arrival;
  report.behind_ = at - ticks_of(now_us);
  report.known_ = true;
  return true;
}

std::optional<Ticks> Synchroniser::correction(const Report& of, const Report& reference) {
  if (!of.known() || !reference.known()) return std::nullopt;
  const Ticks needed = reference.behind_ - of.behind_;
  if (apart(needed, wild)) return std::nullopt;  // two clocks: sources of one sender that are no pair
  return needed;
}

}  // namespace weir::session::webrtc
