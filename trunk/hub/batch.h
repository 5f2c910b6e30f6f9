#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include "hub/log.h"
#include "hub/wire.h"

struct iovec;

namespace weir::hub {

// One list of buffers of all that lies between a position and the head of a log, made once for all byte streams that
// stand there. What lies side by side in memory is one buffer.
class Batch {
 public:
  static constexpr std::size_t most_parts = 64;

  Batch();
  ~Batch();

  // Makes it anew if it is not the one from `from` to the log's head.
  void gather(const Log<Wire>& log, Log<Wire>::Position from);
  std::span<const iovec> parts() const;
  std::size_t bytes() const { return bytes_; }
  // Behind its last wire: before the head if that took more than most_parts.
  Log<Wire>::Position end() const { return to_; }

 private:
  std::unique_ptr<std::array<iovec, most_parts>> parts_;  // none before the first
  Log<Wire>::Position from_ = 0, to_ = 0, head_ = 0;
  std::size_t count_ = 0, bytes_ = 0;
};

}  // namespace weir::hub
