#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

#include "proto/rtp/packet.h"
#include "support/bytes.h"

namespace weir::test {

// RTP as cameras of GB/T 28181 send it, to a port of our own machine or over a connection that came to us: packs cut
// into packets, by UDP or TCP. A test says which packets get lost.
class GbSender {
 public:
  enum class Way : std::uint8_t { udp, tcp, tcp_dollar };

  GbSender(std::uint16_t port, Way way, std::uint32_t ssrc, const char* from = "127.0.0.1") : way_(way), ssrc_(ssrc) {
    socket_ = ::socket(AF_INET, way == Way::udp ? SOCK_DGRAM : SOCK_STREAM, 0);
    const sockaddr_in local = at(from, 0), remote = at("127.0.0.1", port);
    (void)::bind(socket_, reinterpret_cast<const sockaddr*>(&local), sizeof local);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&remote), sizeof remote) == 0;
  }
  // Over a connection that somebody else made; takes the descriptor.
  GbSender(int descriptor, std::uint32_t ssrc)
      : way_(Way::tcp), ssrc_(ssrc), socket_(descriptor), connected_(descriptor >= 0) {}
  ~GbSender() { ::close(socket_); }
  GbSender(const GbSender&) = delete;

  bool connected() const { return connected_; }
  void set_ssrc(std::uint32_t ssrc) { ssrc_ = ssrc; }
  void set_payload_type(std::uint8_t type) { payload_type_ = type; }
  // No marker at all, as some devices.
  void set_marker(bool marker) { marker_ = marker; }

  // One pack, or another payload, with its time; `lose` names one of its packets, from 0 on.
  void send(base::Bytes pack, std::uint32_t timestamp, std::optional<std::size_t> lose = {}) {
    std::size_t number = 0;
    for (std::size_t done = 0; done < pack.size(); ++number) {
      const base::Bytes part = pack.subspan(done, std::min(packet_bytes, pack.size() - done));
      done += part.size();
      ByteVector out(rtp::header_bytes);
      rtp::write_head(out, {.marker = marker_ && done == pack.size(),
                            .payload_type = payload_type_,
                            .sequence = sequence_++,
                            .timestamp = timestamp,
                            .ssrc = ssrc_});
      out.insert(out.end(), part.begin(), part.end());
      if (lose != number) raw(out);
    }
  }
  // A whole packet, framed as the way wants it.
  void raw(const ByteVector& packet) {
    const auto high = static_cast<std::uint8_t>(packet.size() >> 8), low = static_cast<std::uint8_t>(packet.size());
    if (way_ == Way::tcp) bytes(ByteVector{high, low} + packet);
    if (way_ == Way::tcp_dollar) bytes(ByteVector{'$', 0, high, low} + packet);
    if (way_ == Way::udp) bytes(packet);
  }
  void bytes(const ByteVector& all) {
    for (std::size_t at = 0; at < all.size();) {
      const ssize_t sent = ::send(socket_, all.data() + at, all.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) return;
      at += static_cast<std::size_t>(sent);
    }
  }
  // Whether the server closed the connection within the limit.
  bool closed(int limit_ms = 30'000) {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, limit_ms) <= 0) return false;
    std::uint8_t byte = 0;
    return ::recv(socket_, &byte, 1, MSG_DONTWAIT) <= 0;
  }

  static constexpr std::size_t packet_bytes = 1'000;

 private:
  static sockaddr_in at(const char* address, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &out.sin_addr);
    return out;
  }

  Way way_;
  std::uint32_t ssrc_;
  int socket_ = -1;
  bool connected_ = false, marker_ = true;
  std::uint8_t payload_type_ = 96;
  std::uint16_t sequence_ = 65'500;  // it turns over soon
};

// A device that is connected to, a=setup:active of the offer.
class GbListener {
 public:
  GbListener() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    (void)::bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    (void)::listen(socket_, 4);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~GbListener() { ::close(socket_); }
  GbListener(const GbListener&) = delete;
  std::uint16_t port() const { return port_; }
  int accept() {
    pollfd waiting{socket_, POLLIN, 0};
    return ::poll(&waiting, 1, 30'000) > 0 ? ::accept(socket_, nullptr, nullptr) : -1;
  }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

}  // namespace weir::test
