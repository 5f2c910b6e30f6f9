#pragma once

#include <cstdint>

namespace weir::media {

// Measurements of ETSI TR 101 290, first and second priority: how often each was wrong. Limits are those of its 5.2.1
// and 5.2.2; what it leaves to the user is said beside.
struct Tr101290 {
  std::uint64_t sync_loss = 0;          // 1.1: two packets or more without a beat
  std::uint64_t sync_byte = 0;          // 1.2
  std::uint64_t pat = 0;                // 1.3: more than 500 ms apart, scrambled, or another table on PID 0
  std::uint64_t continuity = 0;         // 1.4: lost, out of order, or sent more than twice
  std::uint64_t pmt = 0;                // 1.5: more than 500 ms apart, or scrambled
  std::uint64_t pid = 0;                // 1.6: a stream of a program that was not there for 5 s
  std::uint64_t transport = 0;          // 2.1: marked as wrong by who received it
  std::uint64_t crc = 0;                // 2.2: of PAT and PMT
  std::uint64_t pcr_repetition = 0;     // 2.3: more than 100 ms apart
  std::uint64_t pcr_discontinuity = 0;  // 2.3: a step beyond 100 ms, or back, that is not announced
  std::uint64_t pts = 0;                // 2.5: more than 700 ms apart
  std::uint64_t cat = 0;                // 2.6: scrambled, and no table says by what

  std::uint64_t first_priority() const { return sync_loss + sync_byte + pat + continuity + pmt + pid; }
  std::uint64_t second_priority() const { return transport + crc + pcr_repetition + pcr_discontinuity + pts + cat; }
};

// What a transport stream looked like so far, as it came.
struct TransportStream {
  Tr101290 faults;
  std::uint64_t packets = 0;
  std::uint64_t clock = 0;         // 27 MHz, of its own clock references since the first
  std::uint32_t packet_bytes = 0;  // 188, 192, 204; 0: no beat was found yet
  std::uint32_t programs = 0, pids = 0;
  // What was made of it here, whether or not anybody analyses it.
  bool analysed = false;             // the figures above are told
  bool passes = false;               // its packets go on as they came
  std::uint64_t passed_packets = 0;  // so many have
  std::uint64_t timed_by_clock = 0;  // PES packets without a time, which got that of the program's clock
  std::uint64_t without_time = 0;    // PES packets that could not be given one
};

}  // namespace weir::media
