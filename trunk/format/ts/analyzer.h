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
#include "media/transport_stream.h"

namespace weir::ts {

using Tr101290 = media::Tr101290;

// Looks at a transport stream and keeps nothing of it: programs, streams, rates, clocks, faults. Time is that of the
// first clock that comes, between two clock references by the bytes between them; so a file is measured as fast as it
// is read. Never fails. Bounded: at most 64 programs and 512 PIDs; what comes by others is counted as packets alone.
class Analyzer {
  // When something came that has to come again.
  struct Beat {
    std::optional<std::uint64_t> last;
    std::uint64_t longest = 0;
    bool told = false;  // that it is missing
    // It came: whether more than `limit` passed since the last time, and nobody was told.
    bool late(std::uint64_t now, std::uint64_t limit);
    // It did not come: the same, told once.
    bool missing(std::uint64_t now, std::uint64_t limit);
  };

 public:
  class Stream {
   public:
    std::uint16_t program = 0;  // 0: no table names it
    std::uint8_t stream_type = 0;
    Content content;
    std::uint64_t packets = 0;
    std::uint64_t continuity_errors = 0;
    std::uint64_t scrambled = 0;

   private:
    friend class Analyzer;
    bool is_map = false, is_named = false;  // by a PAT, by a map
    bool counts = false, repeated = false;  // its continuity counter began; the last packet came twice
    std::uint8_t last_counter = 0;
    Beat present;  // of streams that a map names
    Beat times;    // of PES packets with a time
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

  Analyzer() = default;
  Analyzer(Analyzer&&) = default;
  Analyzer& operator=(Analyzer&&) = default;

  void input(base::Bytes in);
  void finish();

  const Tr101290& faults() const { return summary_.faults; }
  // In short; good while the analyzer lives.
  const media::TransportStream& summary() const { return summary_; }
  const std::vector<Program>& programs() const { return programs_; }
  const std::map<Pid, Stream>& streams() const { return streams_; }
  const std::map<Pid, Clock>& clocks() const { return clocks_; }
  std::uint64_t packets() const { return summary_.packets; }
  std::size_t packet_size() const { return finder_.stride() ? finder_.stride() : stride_; }
  std::uint64_t skipped_bytes() const { return finder_.skipped_bytes(); }
  // By that clock; 0 without one.
  double seconds() const { return static_cast<double>(now()) / 27e6; }
  // Greatest distance of two tables, in 27 MHz.
  std::uint64_t longest_pat() const { return pat_.longest; }
  std::uint64_t longest_pmt() const { return longest_pmt_; }
  // Bits per second between all neighbouring clock references differ by less than 1 %.
  bool constant_rate() const { return least_rate_ > 0 && greatest_rate_ < least_rate_ * 1.01; }

 private:
  struct Map {
    SectionJoiner sections;
    Beat beat;
  };

  void packet(base::Bytes bytes);
  Stream* stream_of(Pid pid);
  std::uint64_t now() const { return summary_.clock; }
  void advance();
  void count_continuity(const Packet& packet, Stream& stream);
  void reference(const Packet& packet);
  void take_pat(const Packet& packet);
  void take_pmt(const Packet& packet, Map& map);
  void adopt(const Pat& pat);
  void adopt(Pid pid, const Pmt& pmt);
  void take_pes(const Packet& packet, Stream& stream);
  void look_for_missing();

  PacketFinder finder_;
  media::TransportStream summary_;
  std::vector<Program> programs_;
  std::map<Pid, Stream> streams_;
  std::map<Pid, Clock> clocks_;
  std::map<Pid, std::uint64_t> last_reference_;
  std::map<Pid, Map> maps_;
  SectionJoiner pat_sections_;
  Beat pat_;
  std::uint64_t longest_pmt_ = 0;
  std::size_t stride_ = 0;
  Pid recent_pid_ = null_pid;
  Stream* recent_ = nullptr;  // of that
  std::uint64_t looked_at_ = 0;
  std::uint64_t seen_lost_sync_ = 0, seen_skipped_ = 0;
  bool scrambled_ = false, has_cat_ = false, told_of_cat_ = false;

  // The clock: 27 MHz since the first reference of `clock_pid_`.
  Pid clock_pid_ = null_pid;
  std::uint64_t at_reference_ = 0;             // now() at the last one
  std::uint64_t packets_since_ = 0;            // packets since then
  double ticks_per_packet_ = 0;                // between the last two
  double least_rate_ = 0, greatest_rate_ = 0;  // bits per second between two references
};

}  // namespace weir::ts
