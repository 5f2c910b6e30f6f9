#pragma once

#include <cstdint>

namespace weir::net {

// What a session moved, counted by whoever moves it. Packets are those of protocols that have some. On one worker.
struct Meter {
  std::uint64_t received_bytes = 0, sent_bytes = 0;
  std::uint64_t received_packets = 0, sent_packets = 0;
};

}  // namespace weir::net
