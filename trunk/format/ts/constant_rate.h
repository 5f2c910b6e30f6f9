#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "format/ts/packet.h"

namespace weir::ts {

// Makes a transport stream of constant rate of one that comes in pictures, for hardware decoders: what waits leaves in
// its order, one packet in each place of the rate, and null packets (ISO 13818-1 2.4.3.3) where nothing waits. Null
// packets that come are left out. Clock references say when their place is, to one tick of 27 MHz: a later one is ahead
// by the bytes between them at the rate (2.4.2.2); they are `delay` behind the stream's own, which is the time that a
// large picture has to leave. Of one program. No clock: the caller tells the time, which only grows.
//
// The clock of the stream is another than ours: the places follow it by at most `most_slew`, and where it jumps, the
// next reference says so (2.4.3.5).
class ConstantRate {
 public:
  struct Options {
    std::uint64_t bits_per_second = 0;
    base::Ticks delay = std::chrono::milliseconds(300);
    base::Ticks most_waiting = std::chrono::seconds(1);        // at the rate; what comes beyond is dropped
    base::Ticks pcr_interval = std::chrono::milliseconds(35);  // 2.7.2 allows 100 ms, EN 101 290 asks for 40
    base::Ticks jump = std::chrono::milliseconds(700);         // of the stream's clock against ours
    base::Ticks most_behind = std::chrono::milliseconds(500);  // of the caller: places that are not made up for
  };
  static constexpr double most_slew = 200e-6;

  explicit ConstantRate(const Options& options) : options_(options) {}

  // Whole packets that came now.
  void input(base::Bytes packets, base::Instant now);
  // Appends the packets of all places up to now, a multiple of `unit`.
  void output(base::Instant now, std::size_t unit, base::Buffer& out);

  std::size_t waiting() const { return (queue_.size() - taken_) / packet_bytes; }
  std::uint64_t packets() const { return packets_; }    // that went out, null packets among them
  std::uint64_t nulls() const { return nulls_; }        // of those
  std::uint64_t overflow() const { return overflow_; }  // that were dropped, as the rate was too low
  std::uint64_t jumps() const { return jumps_; }        // of the clock

 private:
  static constexpr std::uint64_t pcr_modulus = (clock_mask + 1) * 300;

  void step_clock();
  void take_reference(std::uint8_t* packet, std::uint64_t pcr);
  void put_next(std::uint8_t* packet);
  void put_reference(std::uint8_t* packet);
  void follow(std::uint64_t pcr, base::Instant now);
  void begin_clock(std::uint64_t pcr);
  double places_until(base::Instant now) const;

  // given
  Options options_;
  // owned
  base::Buffer queue_;  // what waits, from taken_ on
  // state
  std::size_t taken_ = 0;
  std::optional<base::Instant> reckoned_;  // so far places are reckoned,
  double due_ = 0;                         // those that are not given yet
  double slew_ = 0;                        // of the rate, so much of one
  // The clock at the place that comes next: 27 MHz, and the rest of a tick in parts of the rate.
  std::optional<std::uint64_t> clock_;
  std::uint64_t rest_ = 0;
  double error_ = 0;         // of the clock, seconds, smoothed
  bool jumps_next_ = false;  // the next reference begins the clock anew
  Pid pcr_pid_ = null_pid;
  std::uint8_t continuity_ = 0;        // of that PID's last packet
  std::uint64_t since_reference_ = 0;  // places
  std::uint64_t packets_ = 0, nulls_ = 0, overflow_ = 0, jumps_ = 0;
};

}  // namespace weir::ts
