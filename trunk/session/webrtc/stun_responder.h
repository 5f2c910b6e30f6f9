#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/allowance.h"
#include "base/bytes.h"
#include "net/udp_address.h"

namespace weir::session::webrtc {

// Tells whoever asks at the media port which address it is seen at (RFC 8489 6: a binding request without a user name):
// a STUN server for clients and tests, without state. An answer is at most 24 bytes longer than its question, and there
// are few of them for one address and for all. On its worker.
class StunResponder {
 public:
  StunResponder();
  // None if it is no such question, or too many were asked.
  std::optional<base::Buffer> answer(base::Bytes datagram, const net::UdpAddress& from, base::Instant now);

  static constexpr double of_address_at_once = 10, of_address_per_second = 2;
  static constexpr double at_once = 200, per_second = 100;

 private:
  static constexpr std::size_t groups = 256;  // of addresses, by hash
  std::array<base::Allowance, groups> of_addresses_;
  base::Allowance of_all_{at_once, per_second};
};

}  // namespace weir::session::webrtc
