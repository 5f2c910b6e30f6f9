#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "proto/rtp/packet.h"
#include "scenario/support/gb_peer.h"
#include "sound/g711.h"

namespace weir::test {

// The loudspeaker of a camera on 127.0.0.1: what comes by RTP as samples. By UDP at a port of its own, by a connection
// that comes to it, or by one that it opens.
class GbEar {
 public:
  enum class Way : std::uint8_t { udp, listens, connects };
  explicit GbEar(Way way) : way_(way), socket_(::socket(AF_INET, way == Way::udp ? SOCK_DGRAM : SOCK_STREAM, 0)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof own;
    (void)::bind(socket_, reinterpret_cast<sockaddr*>(&own), size);
    if (way == Way::listens) (void)::listen(socket_, 1);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &size);
    port_ = ntohs(own.sin_port);
  }
  ~GbEar() {
    ::close(socket_);
    if (connection_ >= 0) ::close(connection_);
  }
  GbEar(const GbEar&) = delete;

  // As it is to stand in its SDP.
  std::string media() const {
    std::string out = "m=audio " + std::to_string(port_) + (way_ == Way::udp ? "" : " TCP/RTP/AVP 8");
    if (way_ == Way::udp) out += " RTP/AVP 8";
    out += "\r\na=recvonly\r\na=rtpmap:8 PCMA/8000\r\n";
    if (way_ != Way::udp) out += way_ == Way::listens ? "a=setup:passive\r\n" : "a=setup:active\r\n";
    return out;
  }
  // Where the other side listens.
  void connect(std::uint16_t port) { outgoing_ = std::make_unique<GbSocket>(SOCK_STREAM, port); }
  void say(std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ByteVector packet(rtp::header_bytes + 160, 0xd5);
    rtp::write_head(packet, {.payload_type = 8, .ssrc = 9});
    (void)::sendto(socket_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
  }

  // Takes what has come.
  void step() {
    std::string room(65'536, '\0');
    if (way_ == Way::connects) {
      if (outgoing_) stream(outgoing_->receive(0));
      return;
    }
    if (way_ == Way::listens && connection_ < 0) {
      pollfd one{socket_, POLLIN, 0};
      if (::poll(&one, 1, 0) > 0) connection_ = ::accept(socket_, nullptr, nullptr);
      if (connection_ < 0) return;
    }
    const int from = way_ == Way::udp ? socket_ : connection_;
    for (ssize_t count = ::recv(from, room.data(), room.size(), MSG_DONTWAIT); count > 0;
         count = ::recv(from, room.data(), room.size(), MSG_DONTWAIT)) {
      const std::string_view came(room.data(), static_cast<std::size_t>(count));
      way_ == Way::udp ? packet(base::as_bytes(came)) : stream(came);
    }
  }

  std::vector<float> samples;
  std::size_t packets = 0, malformed = 0;
  std::uint32_t ssrc = 0;

 private:
  void stream(std::string_view came) {
    waiting_ += came;
    while (waiting_.size() >= 2) {
      const auto high = static_cast<std::uint8_t>(waiting_[0]), low = static_cast<std::uint8_t>(waiting_[1]);
      const std::size_t length = std::size_t{high} << 8 | low;
      if (waiting_.size() < 2 + length) return;
      packet(base::as_bytes(std::string_view(waiting_).substr(2, length)));
      waiting_.erase(0, 2 + length);
    }
  }
  void packet(base::Bytes bytes) {
    const auto read = rtp::parse(bytes);
    if (!read || read->payload_type != 8) {
      ++malformed;
      return;
    }
    ++packets;
    ssrc = read->ssrc;
    for (const std::uint8_t code : read->payload) {
      samples.push_back(static_cast<float>(sound::g711::expand(sound::g711::Law::a, code)) / 32'768.0F);
    }
  }

  Way way_;
  int socket_;
  int connection_ = -1;
  std::uint16_t port_ = 0;
  std::unique_ptr<GbSocket> outgoing_;
  std::string waiting_;
};

}  // namespace weir::test
