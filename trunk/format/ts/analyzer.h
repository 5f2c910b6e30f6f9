#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "format/ts/content.h"
#include "format/ts/packet.h"
#include "format/ts/packet_finder.h"
#include "format/ts/psi.h"

namespace weir::ts {

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

// Looks at a transport stream and keeps nothing of it: programs, streams, rates, clocks, faults. Time is that of the
// first clock that comes, between two clock references by the bytes between them; so a file is measured as fast as it
// is read. Never fails. Bounded: at most 64 programs, and what PIDs there are.
class Analyzer {
 public:
  struct Stream {
    std::uint16_t program = 0;  // 0: no table names it
    std::uint8_t stream_type = 0;
    Content content;
    std::uint64_t packets = 0;
    std::uint64_t continuity_errors = 0;
    std::uint64_t scrambled = 0;
  };
  struct Program {
    std::uint16_t number = 0;
    Pid pmt_pid = null_pid;
    Pid pcr_pid = null_pid;  // null_pid: no map came
    std::vector<PmtStream> streams;
  };
  // Of one PID with clock references, in 27 MHz.
  struct Clock {
    std::uint64_t references = 0;
    std::uint64_t longest = 0;   // between two of them
    std::uint64_t distance = 0;  // sum, for the mean
  };

  void input(base::Bytes in);
  void finish();

  const Tr101290& faults() const { return faults_; }
  const std::vector<Program>& programs() const { return programs_; }
  const std::map<Pid, Stream>& streams() const { return streams_; }
  const std::map<Pid, Clock>& clocks() const { return clocks_; }
  std::uint64_t packets() const { return packets_; }
  std::size_t packet_size() const { return finder_.stride() ? finder_.stride() : stride_; }
  std::uint64_t skipped_bytes() const { return finder_.skipped_bytes(); }
  // By that clock; 0 without one.
  double seconds() const { return static_cast<double>(now_) / 27e6; }
  // Greatest distance of two tables, in 27 MHz.
  std::uint64_t longest_pat() const { return pat_.longest; }
  std::uint64_t longest_pmt() const { return longest_pmt_; }
  // Bits per second between all neighbouring clock references differ by less than 1 %.
  bool constant_rate() const { return least_rate_ > 0 && greatest_rate_ < least_rate_ * 1.01; }

 private:
  // When something came that has to come again.
  struct Beat {
    std::optional<std::uint64_t> last;
    std::uint64_t longest = 0;
    // Whether more than `limit` passed since the last time.
    bool late(std::uint64_t now, std::uint64_t limit);
  };
  struct Counter {
    bool started = false, repeated = false;
    std::uint8_t last = 0;
  };
  struct Map {
    SectionJoiner sections;
    Beat beat;
  };

  void packet(base::Bytes bytes);
  void advance();
  void count_continuity(const Packet& packet, Stream& stream);
  void reference(const Packet& packet);
  void take_pat(const Packet& packet);
  void take_pmt(const Packet& packet, Map& map);
  void adopt(const Pat& pat);
  void adopt(Pid pid, const Pmt& pmt);
  void take_pes(const Packet& packet);
  void look_for_silent();

  PacketFinder finder_;
  Tr101290 faults_;
  std::vector<Program> programs_;
  std::map<Pid, Stream> streams_;
  std::map<Pid, Clock> clocks_;
  std::map<Pid, std::uint64_t> last_reference_;
  std::map<Pid, Counter> counters_;
  std::map<Pid, Beat> times_;    // of PES packets with a time
  std::map<Pid, Beat> present_;  // of streams that a map names
  std::map<Pid, Map> maps_;
  SectionJoiner pat_sections_;
  Beat pat_;
  std::uint64_t longest_pmt_ = 0;
  std::uint64_t packets_ = 0;
  std::size_t stride_ = 0;
  std::uint64_t seen_lost_sync_ = 0, seen_skipped_ = 0;
  bool scrambled_ = false, has_cat_ = false;

  // The clock: 27 MHz since the first reference of `clock_pid_`.
  Pid clock_pid_ = null_pid;
  std::uint64_t now_ = 0;
  std::uint64_t at_reference_ = 0;             // now_ at the last one
  std::uint64_t packets_since_ = 0;            // packets since then
  double ticks_per_packet_ = 0;                // between the last two
  double least_rate_ = 0, greatest_rate_ = 0;  // bits per second between two references
};

}  // namespace weir::ts
