#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "proto/dtls/endpoint.h"
#include "proto/rtp/packet.h"
#include "proto/srtp/session.h"
#include "proto/stun/message.h"

namespace weir::test {

// The browser's side of a WebRTC transport, as far as tests need it: full ICE with one pair, DTLS in the role that we
// leave, SRTP. It has no socket either: what it wants to send stands in `out`.
class WebRtcPeer {
 public:
  WebRtcPeer(std::shared_ptr<const dtls::Identity> identity, dtls::Role role, std::string server_fingerprint,
             std::string user_name, std::string server_password)
      : association_(std::move(identity), role, {{"sha-256", std::move(server_fingerprint)}}),
        user_name_(std::move(user_name)),
        password_(std::move(server_password)) {}

  base::Buffer check(bool use_candidate = true) {
    stun::TransactionId transaction{};
    transaction[0] = ++transactions_;
    stun::Writer writer(stun::MessageType::binding_request, transaction);
    writer.username(user_name_).priority(1'862'270'975).controlling(7);
    if (use_candidate) writer.use_candidate();
    return writer.finish(password_);
  }
  // A datagram from the server.
  void input(base::Bytes datagram, base::Instant now) {
    if (stun::looks_like_stun(datagram)) {
      const auto answer = stun::parse(datagram);
      if (!answer || answer->type != stun::MessageType::binding_response) return;
      if (!std::exchange(reached_, true) && handshakes) association_.start(now);
    } else if (dtls::looks_like_dtls(datagram)) {
      fault = association_.input(datagram, now).has_error() || fault;
      if (association_.established() && !sender_ && encrypts) take_keys();
    } else if (receiver_ || !encrypts) {
      base::Buffer copy;
      copy.append(datagram);
      const base::MutableBytes room(copy.data(), copy.size());
      const bool control = rtp::is_rtcp(datagram);
      if (receiver_) {
        const auto size = control ? receiver_->unprotect_rtcp(room) : receiver_->unprotect(room);
        if (!size) return;
        copy.resize(*size);
      }
      (control ? control_packets : packets).push_back(std::move(copy));
    }
    take_flight();
  }
  void tick(base::Instant now) {
    (void)association_.tick(now);
    take_flight();
  }
  void close() {
    association_.close();
    take_flight();
  }
  bool up() const { return sender_ || (!encrypts && (!handshakes || association_.established())); }
  base::Buffer packet(std::uint32_t ssrc, std::uint16_t sequence, std::size_t payload) {
    base::Buffer bytes(rtp::header_bytes + payload + 16);
    rtp::write_head({bytes.data(), rtp::header_bytes},
                    {.payload_type = 96, .sequence = sequence, .timestamp = sequence * 3000U, .ssrc = ssrc});
    std::size_t size = rtp::header_bytes + payload;
    if (sender_) size = sender_->protect({bytes.data(), bytes.size()}, size).value();
    bytes.resize(size);
    return bytes;
  }

  bool handshakes = true, encrypts = true;
  std::vector<base::Buffer> out;
  std::vector<base::Buffer> packets, control_packets;
  bool fault = false;

 private:
  void take_flight() {
    for (base::Buffer& datagram : association_.take_output()) out.push_back(std::move(datagram));
  }
  void take_keys() {
    const auto keys = association_.take_keys();
    sender_.emplace(srtp::Sender::make(algorithms_, {keys.profile, keys.local_key, keys.local_salt}).value());
    receiver_.emplace(srtp::Receiver::make(algorithms_, {keys.profile, keys.remote_key, keys.remote_salt}).value());
  }

  srtp::Algorithms algorithms_;
  dtls::Endpoint association_;
  std::string user_name_, password_;
  std::uint8_t transactions_ = 0;
  bool reached_ = false;
  std::optional<srtp::Sender> sender_;
  std::optional<srtp::Receiver> receiver_;
};

}  // namespace weir::test
