#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "proto/stun/error.h"

namespace weir::stun {

// RFC 8489 5: class and method together, as they stand in the first two bytes.
enum class MessageType : std::uint16_t {
  binding_request = 0x0001,
  binding_indication = 0x0011,
  binding_response = 0x0101,
  binding_error = 0x0111,
};

enum class Attribute : std::uint16_t {
  username = 0x0006,
  message_integrity = 0x0008,
  error_code = 0x0009,
  unknown_attributes = 0x000a,
  xor_mapped_address = 0x0020,
  priority = 0x0024,       // RFC 8445 16.1
  use_candidate = 0x0025,  // RFC 8445 16.1
  software = 0x8022,
  fingerprint = 0x8028,
  ice_controlled = 0x8029,   // RFC 8445 16.1
  ice_controlling = 0x802a,  // RFC 8445 16.1
};

using TransactionId = std::array<std::uint8_t, 12>;

// An IP address as bytes in network order: 4 of them for IPv4, 16 for IPv6; and a port.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool v6 = false;
  std::uint16_t port = 0;
  bool operator==(const Address&) const = default;
};

// A message as it was received. The views point into the datagram, which must outlive it.
struct Message {
  MessageType type{};
  TransactionId transaction{};
  std::string_view username;
  std::optional<std::uint32_t> priority;
  std::optional<std::uint64_t> controlled, controlling;  // tie breakers
  std::optional<Address> mapped;                         // of a response
  std::uint16_t error_code = 0;                          // of an error response, 0: none
  bool use_candidate = false;
  std::vector<std::uint16_t> unknown;  // comprehension-required attributes that we do not know (below 0x8000)

  bool is_request() const { return type == MessageType::binding_request; }
};

// True if the bytes can only be STUN among what shares a WebRTC port (RFC 7983 7: the first byte is 0 to 3).
inline bool looks_like_stun(base::Bytes datagram) { return !datagram.empty() && datagram[0] < 4; }

// One datagram of exactly one message. Attributes behind MESSAGE-INTEGRITY are not taken from it, but for FINGERPRINT
// (RFC 8489 14.5), which is checked when it is there. Does not check the integrity: see has_integrity().
base::Result<Message> parse(base::Bytes datagram);

// Whether the MESSAGE-INTEGRITY of a message that parse() accepted was made with this password (short-term
// credentials, RFC 8489 9.1). Errc::no_integrity or bad_integrity. Compares in constant time.
base::Result<void> check_integrity(base::Bytes datagram, std::string_view password);

// Builds one message. The order of calls is the order of attributes; finish() closes it.
//   Writer(MessageType::binding_response, request.transaction).xor_mapped_address(from).finish(password)
class Writer {
 public:
  Writer(MessageType type, const TransactionId& transaction);

  Writer& username(std::string_view name);
  Writer& priority(std::uint32_t value);
  Writer& use_candidate();
  Writer& controlling(std::uint64_t tie_breaker);
  Writer& xor_mapped_address(const Address& address);
  // RFC 8489 14.8; `reason` in ASCII.
  Writer& error_code(unsigned code, std::string_view reason);
  Writer& unknown_attributes(const std::vector<std::uint16_t>& types);
  // With MESSAGE-INTEGRITY unless the password is empty, then FINGERPRINT.
  base::Buffer finish(std::string_view password);
  // With neither: the shortest.
  base::Buffer without_fingerprint();

 private:
  void attribute(Attribute type, base::Bytes value);
  void set_length(std::size_t length);

  base::Buffer out_;
};

}  // namespace weir::stun
