#pragma once

#include <cstdint>

#include "app/bench/scan.h"
#include "app/bench/target.h"
#include "base/bytes.h"
#include "base/result.h"

namespace weir::bench {

// The conversation before the media: handshake, connect, createStream, play or publish.
class RtmpStart final : private Watcher {
 public:
  enum class Role : std::uint8_t { play, publish };
  // `chunk_size` is announced for all that we send.
  RtmpStart(Role role, const Target& target, std::uint32_t chunk_size);

  base::Result<void> input(base::Bytes in);
  base::Buffer take_output();
  bool asked_now() { return std::exchange(asked_, false); }
  bool accepted() const { return accepted_; }

 private:
  void seen(const Seen& message) override;
  void command(base::Bytes payload, std::uint32_t stream_id);
  Role role_;
  Target target_;
  std::uint32_t chunk_size_;
  base::Buffer out_;
  ChunkScan chunks_;
  std::size_t handshake_left_ = 3073;
  int results_ = 0;
  bool asked_ = false, accepted_ = false;
};

}  // namespace weir::bench
