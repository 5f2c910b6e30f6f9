#pragma once

#include <vector>

#include "base/bytes.h"

namespace weir::session::webrtc {

// Packets that leave together, one behind the other in memory, so that neighbours of equal size can go with one system
// call; a last one that is shorter rides along. One for all sessions of a worker: its memory is not each player's.
// Whoever begins to write while another's packets still stand in it sends those first.
class SendBatch {
 public:
  // Who writes into it.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void leave(base::Bytes packets, std::size_t segment) = 0;
  };

  // `size` bytes for the next packet. Valid until the next call.
  base::MutableBytes room(Owner& owner, std::size_t size);
  // It has that many bytes.
  void put(std::size_t size);
  void flush();
  // The owner goes: what it did not flush is lost.
  void forget(const Owner& owner);

  static constexpr std::size_t capacity = 64 * 1024;

 private:
  struct Run {
    std::size_t at, size, segment;
    bool closed;  // its last packet is shorter than the others
  };

  // owned
  base::Buffer bytes_;
  std::vector<Run> runs_;

  // state
  Owner* owner_ = nullptr;
  std::size_t used_ = 0;
};

}  // namespace weir::session::webrtc
