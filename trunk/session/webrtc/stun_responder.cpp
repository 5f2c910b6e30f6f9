#include "session/webrtc/stun_responder.h"

#include "proto/stun/message.h"

namespace weir::session::webrtc {

namespace {

template <std::size_t... I>
std::array<base::Allowance, sizeof...(I)> allowances(std::index_sequence<I...>) {
  const base::Allowance one(StunResponder::of_address_at_once, StunResponder::of_address_per_second);
  return {((void)I, one)...};
}

}  // namespace

StunResponder::StunResponder() : of_addresses_(allowances(std::make_index_sequence<groups>())) {}

std::optional<base::Buffer> StunResponder::answer(base::Bytes datagram, const net::UdpAddress& from,
                                                  base::Instant now) {
  const auto message = stun::parse(datagram);
  if (!message || !message->is_request() || !message->username.empty() || !message->unknown.empty()) {
    return std::nullopt;
  }
  net::UdpAddress host = from;
  host.port = 0;
  const std::size_t group = (std::hash<net::UdpAddress>()(host) >> 40U) % groups;  // the upper bits are mixed best
  if (!of_addresses_[group].take(now) || !of_all_.take(now)) {
    return std::nullopt;
  }
  return stun::Writer(stun::MessageType::binding_response, message->transaction)
      .xor_mapped_address({from.bytes, from.v6, from.port})
      .without_fingerprint();
}

}  // namespace weir::session::webrtc
