#pragma once

#include <cstdint>
#include <string>

#include "app/bench/target.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "proto/rtmp/client.h"

namespace weir::bench {

// The conversation of a client until the server lets it play or publish.
class RtmpStart {
 public:
  RtmpStart(rtmp::Role role, const Target& target, std::uint32_t chunk_size);

  // All bytes of the connection, in order.
  base::Result<void> input(base::Bytes in);
  // To be sent at once: the last output before the server accepts is the play or publish command.
  base::Buffer take_output();

  bool accepted() const { return accepted_; }
  base::Instant asked_at() const { return asked_at_; }
  // Why the server said no, after input() ended with Errc::refused.
  const std::string& refusal() const { return refusal_; }
  rtmp::Client& client() { return client_; }

 private:
  rtmp::Client client_;

  // state
  bool accepted_ = false;
  base::Instant asked_at_{};
  std::string refusal_;
};

}  // namespace weir::bench
