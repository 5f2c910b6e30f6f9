#include "format/ts/demuxer.h"

// Times for what has none of its own: the clock of the program when it came, and as long as things come before they are
// due.
namespace weir::ts {

namespace {

constexpr std::int64_t usual_lead = 18'000;   // 200 ms, where nothing tells
constexpr std::int64_t most_lead = 900'000;   // 10 s: the most that ISO 13818-1 2.4.2.6 allows
constexpr unsigned most_untimed = 8;          // packets in a row between others that have times
constexpr unsigned most_without_clock = 250;  // packets: what goes on longer without a clock is not played

// From one to another, by the shorter way round.
std::int64_t distance(std::uint64_t from, std::uint64_t to) {
  const std::uint64_t on = (to - from) & clock_mask;
  return on <= clock_mask / 2 ? static_cast<std::int64_t>(on)
                              : static_cast<std::int64_t>(on) - (std::int64_t{1} << clock_bits);
}

}  // namespace

void Demuxer::tell_clock(std::uint64_t pcr) {
  pcr_ = pcr;
  ++references_;
}

void Demuxer::learn_lead(const Stream& stream, std::uint64_t dts) {
  if (!stream.began) return;
  const std::int64_t lead = distance(*stream.began, dts);
  if (lead < -most_lead || lead > most_lead) return;
  lead_ = lead_ ? *lead_ + (lead - *lead_) / 8 : lead;
}

// False: it is not played. Where others of its stream have times, it is left to these.
bool Demuxer::time_by_clock(Stream& stream, Elementary::Time& time, PidCounts& counts) {
  if (stream.timed && !stream.by_clock && ++stream.untimed <= most_untimed) return true;
  if (stream.began) {
    const std::uint64_t due = (*stream.began + static_cast<std::uint64_t>(lead_.value_or(usual_lead))) & clock_mask;
    time.clock = base::Ticks{clock_.unwrap(due)};
    if (!newest_ || *time.clock > *newest_ || *newest_ - *time.clock > std::chrono::seconds(1)) newest_ = time.clock;
    stream.timed = stream.by_clock = true;
    stream.since_clock = 0;
    ++counts.timed_by_clock;
    return true;
  }
  const bool waits = !stream.timed;  // for the first time or clock
  const bool over = stream.by_clock && ++stream.since_clock > most_without_clock;
  if (waits || over) ++counts.without_time;
  return !over;
}

}  // namespace weir::ts
