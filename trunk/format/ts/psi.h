#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "format/ts/packet.h"

namespace weir::ts {

// Program specific information: the tables that say what is in the stream. 2.4.4
inline constexpr std::size_t largest_section_bytes = 1024;

struct Pat {
  struct Program {
    std::uint16_t number = 0;  // 0 names the network table
    Pid pmt_pid = null_pid;
  };
  static constexpr std::size_t largest_programs = 253;  // what fits a section

  std::uint16_t transport_stream_id = 1;
  std::uint8_t version = 0;  // 5 bits
  bool current = true;
  std::vector<Program> programs;
};

struct PmtStream {
  std::uint8_t stream_type = 0;  // table 2-34
  Pid pid = null_pid;
  std::vector<std::uint8_t> descriptors;

  friend bool operator==(const PmtStream&, const PmtStream&) = default;
};

struct Pmt {
  static constexpr std::size_t largest_streams = 64;

  std::uint16_t program = 1;
  std::uint8_t version = 0;
  bool current = true;
  Pid pcr_pid = null_pid;
  std::vector<std::uint8_t> descriptors;  // of the program
  std::vector<PmtStream> streams;
};

// A whole section with its checksum, which is checked first.
base::Result<Pat> parse_pat(base::Bytes section);
base::Result<Pmt> parse_pmt(base::Bytes section);
base::Buffer write_pat(const Pat& pat);
base::Buffer write_pmt(const Pmt& pmt);

// Annex A: polynomial 0x04c11db7, begins with ones, not reflected. Over a section with its checksum it is zero.
std::uint32_t crc32(base::Bytes bytes);

// The data of the first descriptor with this tag (2.6.1); none if there is none or the list is broken before it.
std::optional<base::Bytes> find_descriptor(base::Bytes descriptors, std::uint8_t tag);

// Joins the sections of one PID from the payloads of its packets. Bounded by largest_section_bytes.
class SectionJoiner {
 public:
  // Calls `take(Bytes section)` for each section that ends in this payload. Checksums are for the parser.
  template <class Take>
  void input(bool unit_start, base::Bytes payload, Take take) {
    if (unit_start) {
      if (payload.empty()) return reset();
      const std::size_t pointer = payload[0];  // 2.4.4.2: how many bytes belong to the section before
      payload = payload.subspan(1);
      if (pointer > payload.size()) return drop();
      if (!section_.empty()) append(payload.first(pointer), take);
      payload = payload.subspan(pointer);
      section_.clear();
      started_ = true;
    }
    if (started_) append(payload, take);
  }
  // Forgets what was begun: packets were lost.
  void reset() {
    section_.clear();
    started_ = false;
  }
  std::uint64_t dropped() const { return dropped_; }

 private:
  void drop() {
    ++dropped_;
    reset();
  }
  // Bytes the section needs, or 0 while its length is not known.
  std::size_t needed() const {
    return section_.size() < 3 ? 0 : 3 + (static_cast<std::size_t>(section_[1] & 0x0f) << 8 | section_[2]);
  }
  template <class Take>
  void append(base::Bytes part, Take& take) {
    while (!part.empty()) {
      if (section_.empty() && part[0] == 0xff) return stop();  // stuffing to the end of the packet
      const std::size_t goal = section_.size() < 3 ? 3 : needed();
      const std::size_t count = std::min(goal - section_.size(), part.size());
      section_.insert(section_.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(count));
      part = part.subspan(count);
      if (section_.size() < 3) return;
      if (needed() > largest_section_bytes) return drop();
      if (section_.size() < needed()) continue;
      take(base::Bytes(section_));
      section_.clear();
    }
  }
  void stop() { started_ = false; }

  std::vector<std::uint8_t> section_;
  bool started_ = false;
  std::uint64_t dropped_ = 0;
};

}  // namespace weir::ts
