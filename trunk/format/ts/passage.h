#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "format/ts/packet.h"
#include "media/codec_id.h"

namespace weir::ts {

// A transport stream on its way through, as it came: packets are gathered, and cut where a receiver may begin, with
// what it needs before that. Nothing of them is changed, left out or put into another order. What is asked of the
// stream, as which of its parts leads it, its Demuxer knows.
class Passage {
 public:
  struct Lead {
    Pid pid = null_pid;                       // of the picture; of the sound, where there is none
    Pid map_pid = null_pid;                   // of the program's map
    media::Codec codec = media::Codec::none;  // none: it is not known yet
  };
  struct Piece {
    // A number of one byte, so many packets for a receiver that begins here, and those that came (media::Frame).
    base::Buffer bytes;
    bool begins = false;     // a receiver may
    std::uint64_t time = 0;  // of a piece that begins: of the picture or sound; 90 kHz, 33 bits
  };

  // The next packet, if it could be read as `packet`.
  void input(base::Bytes bytes, const Packet* packet, const Lead& lead);
  // What came since the last call. Nothing before the first place to begin.
  std::vector<Piece>& pieces() { return pieces_; }
  void clear();
  // What comes does not follow from what came: a receiver begins anew. Counts up.
  void interrupt();
  std::uint32_t generation() const { return generation_; }
  std::uint64_t packets() const { return packets_; }
  bool flows() const { return begun_; }  // packets go on now

  static constexpr std::size_t most_bytes = 4 << 20;  // that wait; beyond, there is an interruption

 private:
  struct Table {
    Pid pid = null_pid;
    base::Buffer packets;
  };
  void keep(Table& table, base::Bytes bytes, const Packet& packet);
  void note_counter(const Packet& packet);
  bool begins(const Packet& packet, const Lead& lead);
  void begin_piece();

  // owned
  Table association_{.pid = pat_pid, .packets = {}}, map_;
  std::vector<Piece> pieces_;
  // state
  struct Counter {
    Pid pid;
    std::uint8_t last;
  };
  std::vector<Counter> counters_;  // of streams, to say where they jump
  std::optional<std::uint64_t> sound_began_;
  std::uint64_t time_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t packets_ = 0;
  std::uint32_t generation_ = 0;
  bool begun_ = false;
};

}  // namespace weir::ts
