#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "proto/rtp/packet.h"
#include "proto/rtp/sequence.h"

namespace weir::rtp {

// Forward error correction of SMPTE ST 2022-1 (Pro-MPEG Code of Practice 3): packets stand in a matrix, row by row; a
// FEC packet is the exclusive or of a column, or of a row. Columns go to the media's port + 2, rows to its port + 4.
inline constexpr std::uint16_t column_port_step = 2, row_port_step = 4;
inline constexpr std::size_t fec_head_bytes = 16;            // behind the head of RTP
inline constexpr unsigned most_fec_side = 20;                // columns, or rows
inline constexpr unsigned most_fec_packets = 100;            // in a matrix
inline constexpr std::size_t most_fec_payload_bytes = 1500;  // of a packet of media that is protected

// What a FEC packet says of those that it protects: `count` of them, from `base` on, each `step` behind the last. The
// other members are the exclusive or of theirs. ST 2022-1 table 1.
struct FecHead {
  std::uint16_t base = 0;
  std::uint16_t length = 0;  // of what follows the twelve bytes of RTP
  std::uint8_t payload_type = 0;
  std::uint32_t timestamp = 0;
  bool row = false;
  std::uint8_t step = 0, count = 0;

  bool protects(std::uint16_t sequence) const {
    const auto behind = static_cast<std::uint16_t>(sequence - base);
    return behind % step == 0 && behind / step < count;
  }
};

// Of the payload of an RTP packet, which holds the head at least. Errc::too_short, bad_payload.
base::Result<FecHead> parse_fec_head(base::Bytes payload);
void write_fec_head(base::MutableBytes room, const FecHead& head);

// Makes FEC packets of the packets that are sent. No socket and no clock.
class FecEncoder {
 public:
  struct Options {
    unsigned columns = 10, rows = 10;  // at most most_fec_side each, most_fec_packets together
    bool with_rows = true;
  };
  explicit FecEncoder(Options options);

  enum class Stream : std::uint8_t { column, row };
  // A packet as it is sent, with numbers that follow one another. Calls `take(Stream, Bytes packet)` for what it
  // completes: at most one of each; valid during the call.
  template <class Take>
  void input(base::Bytes packet, Take take) {
    add(packet);
    for (const Done& done : done_) take(done.stream, base::Bytes(done.packet));
    done_.clear();
  }

 private:
  // Packets of a column or a row so far.
  struct Sum {
    FecHead head;
    unsigned gathered = 0;
    std::vector<std::uint8_t> payload;
  };
  struct Done {
    Stream stream;
    std::vector<std::uint8_t> packet;
  };
  void add(base::Bytes packet);
  void add(Sum& sum, const Packet& packet);
  void finish(Sum& sum, Stream stream, std::uint32_t timestamp);

  // given
  Options options_;
  // state
  std::vector<Sum> columns_;
  Sum row_;
  unsigned at_ = 0;                 // in the matrix
  std::uint16_t next_[2] = {0, 0};  // numbers of FEC packets
  std::vector<Done> done_;
};

// Gives back packets that were lost. Keeps the last `window` packets of media, and as many FEC packets as may still be
// of use. No socket and no clock. Whatever comes, it takes at most some microseconds for each packet.
class FecDecoder {
 public:
  static constexpr std::size_t window = 1024, most_waiting = 256;

  // A packet of media that came, or one of FEC. What they bring back is there to be polled.
  void media(const Packet& packet, base::Bytes datagram);
  void fec(const Packet& packet);
  // A packet that was lost, as it was sent; valid until the next call.
  std::optional<base::Bytes> poll();
  // The sender begins anew: what was before is of no use.
  void reset();

  std::uint64_t received() const { return received_; }  // FEC packets
  std::uint64_t repaired() const { return repaired_; }
  std::uint64_t malformed() const { return malformed_; }  // FEC packets that do not fit

 private:
  struct Slot {
    bool filled = false;
    std::uint16_t sequence = 0;
    std::vector<std::uint8_t> datagram;
  };
  struct Waiting {
    FecHead head;
    std::vector<std::uint8_t> payload;
  };
  const Slot* find(std::uint16_t sequence) const;
  void keep(std::uint16_t sequence, base::Bytes datagram);
  void look(std::uint16_t arrived);
  enum class Step : std::uint8_t { wait, drop, repaired };
  Step try_repair(const Waiting& waiting);
  void repair(const Waiting& waiting, std::uint16_t missing);

  // state
  std::vector<Slot> slots_ = std::vector<Slot>(window);
  std::vector<Waiting> waiting_;
  std::vector<std::uint16_t> found_;  // numbers of what came back
  std::size_t polled_ = 0;
  std::optional<std::uint16_t> newest_;
  std::uint32_t ssrc_ = 0;
  std::uint64_t received_ = 0, repaired_ = 0, malformed_ = 0;
};

}  // namespace weir::rtp
