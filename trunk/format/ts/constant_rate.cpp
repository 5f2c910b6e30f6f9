#include "format/ts/constant_rate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace weir::ts {

using base::Bytes;

namespace {

constexpr std::uint64_t packet_bits = packet_bytes * 8;
constexpr std::uint64_t clock_hz = 27'000'000;
constexpr std::uint64_t ticks_of_pcr = 300;  // in one of 90 kHz
constexpr double smoothing = 1.0 / 256;      // of the clock's error, for each reference: about ten seconds
constexpr double patience = 10;              // seconds in which an error is made up for

double seconds_of(base::Ticks time) { return static_cast<double>(time.count()) / 90'000; }

// Of a packet that comes; none if it has no reference or cannot be read, and then it goes through as it is.
std::optional<std::uint64_t> reference_of(Bytes packet) {
  const auto parsed = parse_packet(packet);
  return parsed ? parsed->pcr : std::nullopt;
}

void write_pcr(std::uint8_t* out, std::uint64_t pcr) {
  const std::uint64_t clock = pcr / ticks_of_pcr, extension = pcr % ticks_of_pcr;
  out[0] = static_cast<std::uint8_t>(clock >> 25);
  out[1] = static_cast<std::uint8_t>(clock >> 17);
  out[2] = static_cast<std::uint8_t>(clock >> 9);
  out[3] = static_cast<std::uint8_t>(clock >> 1);
  out[4] = static_cast<std::uint8_t>((clock & 1) << 7 | 0x7e | extension >> 8);
  out[5] = static_cast<std::uint8_t>(extension);
}

void write_null(std::uint8_t* packet) {
  std::memset(packet, 0xff, packet_bytes);
  packet[0] = sync_byte;
  packet[1] = 0x1f;
  packet[3] = 0x10;
}

// The shorter way round.
double seconds_between(std::uint64_t from, std::uint64_t to, std::uint64_t modulus) {
  const std::uint64_t on = (to + modulus - from) % modulus;
  const double ticks =
      on <= modulus / 2 ? static_cast<double>(on) : static_cast<double>(on) - static_cast<double>(modulus);
  return ticks / static_cast<double>(clock_hz);
}

}  // namespace

double ConstantRate::places_until(base::Instant now) const {
  if (!reckoned_ || now <= *reckoned_) return due_;
  const double seconds = std::chrono::duration<double>(now - *reckoned_).count();
  return due_ + seconds * (1 + slew_) * static_cast<double>(options_.bits_per_second) / packet_bits;
}

void ConstantRate::input(Bytes packets, base::Instant now) {
  if (!reckoned_) reckoned_ = now;  // places are counted from the first packet on
  const auto most = static_cast<std::size_t>(seconds_of(options_.most_waiting) *
                                             static_cast<double>(options_.bits_per_second) / packet_bits);
  for (; packets.size() >= packet_bytes; packets = packets.subspan(packet_bytes)) {
    const auto packet = parse_packet(packets);
    if (packet && packet->pid == null_pid) continue;
    if (waiting() >= most) {
      ++overflow_;
      continue;
    }
    if (packet && packet->pcr) follow(*packet->pcr, now);
    queue_.append(packets.first(packet_bytes));
  }
}

// What a reference that comes says of the stream's clock, against ours at this moment.
void ConstantRate::follow(std::uint64_t pcr, base::Instant now) {
  if (!clock_) return;
  const double places = places_until(now);
  const double ours = places * packet_bits / static_cast<double>(options_.bits_per_second);
  const double error = seconds_between(*clock_, pcr, pcr_modulus) - seconds_of(options_.delay) - ours;
  if (std::abs(error) > seconds_of(options_.jump)) {
    jumps_next_ = true;
    error_ = slew_ = 0;
    return;
  }
  error_ += (error - error_) * smoothing;
  slew_ = std::clamp(error_ / patience, -most_slew, most_slew);
}

void ConstantRate::output(base::Instant now, std::size_t unit, base::Buffer& out) {
  if (!reckoned_ || now <= *reckoned_) return;
  due_ = places_until(now);
  reckoned_ = now;
  const double most = seconds_of(options_.most_behind) * static_cast<double>(options_.bits_per_second) / packet_bits +
                      static_cast<double>(unit);
  auto count = static_cast<std::size_t>(std::max(due_, 0.0));
  // A caller that slept: places that nobody will miss are left out, and so is their time.
  if (due_ > most) {
    due_ = most;
    count = static_cast<std::size_t>(due_);
    jumps_next_ = jumps_next_ || clock_.has_value();
  }
  count -= count % unit;
  due_ -= static_cast<double>(count);
  const std::size_t begin = out.size();
  out.resize(begin + count * packet_bytes);
  for (std::size_t i = 0; i < count; ++i) put_next(out.data() + begin + i * packet_bytes);
  if (taken_ == queue_.size()) {
    queue_.clear();
    taken_ = 0;
  } else if (taken_ > queue_.size() / 2) {
    queue_.consume(taken_);
    taken_ = 0;
  }
}

// One place.
void ConstantRate::put_next(std::uint8_t* packet) {
  const double since = static_cast<double>(since_reference_ + 1) * packet_bits;
  const bool stale =
      clock_ && since >= seconds_of(options_.pcr_interval) * static_cast<double>(options_.bits_per_second);
  const bool any = taken_ < queue_.size();
  const auto reference = any ? reference_of(queue_.bytes().subspan(taken_, packet_bytes)) : std::nullopt;
  if (stale && !reference) {
    put_reference(packet);
  } else if (any) {
    std::memcpy(packet, queue_.data() + taken_, packet_bytes);
    taken_ += packet_bytes;
    const Pid pid = static_cast<Pid>((packet[1] & 0x1f) << 8 | packet[2]);
    if (reference) {
      pcr_pid_ = pid;
      take_reference(packet, *reference);
    } else {
      ++since_reference_;
    }
    if (pid == pcr_pid_) continuity_ = packet[3] & 0x0f;
  } else {
    write_null(packet);
    ++nulls_;
    ++since_reference_;
  }
  ++packets_;
  step_clock();
}

void ConstantRate::take_reference(std::uint8_t* packet, std::uint64_t pcr) {
  if (!clock_ || jumps_next_) begin_clock(pcr);
  if (jumps_next_) {
    packet[5] |= 0x80;  // discontinuity_indicator
    ++jumps_;
  }
  jumps_next_ = false;
  write_pcr(packet + 6, *clock_);
  since_reference_ = 0;
}

void ConstantRate::begin_clock(std::uint64_t pcr) {
  const auto delay = static_cast<std::uint64_t>(options_.delay.count()) * ticks_of_pcr;
  clock_ = (pcr + pcr_modulus - delay % pcr_modulus) % pcr_modulus;
  rest_ = 0;
  error_ = slew_ = 0;
}

// Without payload: its counter is that of the packet before (2.4.3.3).
void ConstantRate::put_reference(std::uint8_t* packet) {
  const PacketHead head{.pid = pcr_pid_, .continuity = continuity_, .pcr_base = 0};
  write_packet_head(packet, head, 0);
  write_pcr(packet + 6, *clock_);
  since_reference_ = 0;
}

void ConstantRate::step_clock() {
  if (!clock_) return;
  const std::uint64_t ticks = packet_bits * clock_hz;
  rest_ += ticks % options_.bits_per_second;
  *clock_ += ticks / options_.bits_per_second;
  if (rest_ >= options_.bits_per_second) {
    rest_ -= options_.bits_per_second;
    ++*clock_;
  }
  *clock_ %= pcr_modulus;
}

}  // namespace weir::ts
