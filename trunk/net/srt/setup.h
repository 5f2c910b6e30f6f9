#pragma once

#include <srt/srt.h>

#include <boost/asio/ip/udp.hpp>

#include <string>
#include <utility>

#include "base/result.h"
#include "net/srt/options.h"

namespace weir::net {

// The parts of which this folder makes sockets of libsrt.

// A bound UDP socket, guarded (handshake_guard.h) before its first datagram; closed unless libsrt got it.
class SrtUdpSocket {
 public:
  static base::Result<SrtUdpSocket> bind(const boost::asio::ip::udp::endpoint& endpoint, bool share);
  SrtUdpSocket(SrtUdpSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  SrtUdpSocket& operator=(SrtUdpSocket&&) = delete;
  ~SrtUdpSocket();

  int descriptor() const { return descriptor_; }
  boost::asio::ip::udp::endpoint endpoint() const;
  // From now on it is that socket's.
  base::Result<void> give_to(int srt_socket);

 private:
  explicit SrtUdpSocket(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// Sets options until one fails.
class SrtSetter {
 public:
  explicit SrtSetter(int socket) : socket_(socket) {}
  template <class T>
  SrtSetter& set(SRT_SOCKOPT name, const T& value) {
    if (ok_) ok_ = srt_setsockflag(socket_, name, &value, sizeof value) == 0;
    return *this;
  }
  SrtSetter& set_text(SRT_SOCKOPT name, const std::string& value) {
    if (ok_) ok_ = srt_setsockflag(socket_, name, value.data(), static_cast<int>(value.size())) == 0;
    return *this;
  }
  bool ok() const { return ok_; }

 private:
  int socket_;
  bool ok_ = true;
};

bool apply(const SrtOptions& options, bool v6, int socket);
// To a connection that a listener is about to take: all but mss and the UDP buffers, which are those of the port.
bool apply_to_accepted(const SrtOptions& options, int socket);
// `fault` names the option that failed. What the library would crash on is the configuration's matter.
base::Result<void> apply(const SrtSettings& settings, int socket, std::string& fault);

}  // namespace weir::net
