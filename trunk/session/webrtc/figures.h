#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace weir::session::webrtc {

// What came of the sessions and datagrams of the process. Sessions count when they end; of datagrams each worker tells
// a few times a second.
struct Figures {
  std::atomic<std::uint64_t> connected{0};  // sessions whose peer got through
  std::atomic<std::uint64_t> no_check{0};   // that ended since no check arrived
  std::atomic<std::uint64_t> failed{0};     // in the handshake
  std::atomic<std::uint64_t> silent{0};     // whose peer was lost
  std::atomic<std::uint64_t> closed{0};     // that either side ended in order
  // Sessions now, by Transport::State: that wait for a check, in their handshake, connected. The last is always 0.
  std::array<std::atomic<std::int64_t>, 4> sessions{};
  // RTCP of either side, each second or so: packets that were asked for again, and key frames.
  std::atomic<std::uint64_t> nacks_sent{0}, nacks_received{0}, key_requests_sent{0}, key_requests_received{0};
  // Of the breakers: workers at each level now, by Breaker::Level (of the first, normal, nothing is counted), how often
  // one came there, and the packets that were asked for or missing and not repaired meanwhile.
  std::array<std::atomic<std::int64_t>, 3> breaker_workers{};
  std::array<std::atomic<std::uint64_t>, 3> breaker_trips{};
  std::atomic<std::uint64_t> unrepaired{0};
  std::atomic<std::uint64_t> received{0}, sent{0};
  std::atomic<std::uint64_t> receive_drops{0};  // nobody read them in time
  std::atomic<std::uint64_t> send_drops{0};     // the kernel did not take them
  std::atomic<std::uint64_t> strangers{0};      // of nobody's session
  std::atomic<std::uint64_t> stun_answers{0};   // to whoever asks for its address
  std::atomic<std::uint64_t> forwarded{0};      // to the worker of their session
  std::atomic<std::uint64_t> forward_drops{0};  // since that one was behind
};

}  // namespace weir::session::webrtc
