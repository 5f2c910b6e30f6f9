#include "app/bench/connection.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace weir::bench {

namespace {

constexpr std::size_t backlog_limit = 8 << 20;

}  // namespace

base::Result<Endpoint> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0 || !found) {
    return boost::system::errc::make_error_code(boost::system::errc::host_unreachable);
  }
  Endpoint out;
  std::memcpy(&out.address, found->ai_addr, found->ai_addrlen);
  out.size = found->ai_addrlen;
  freeaddrinfo(found);
  return out;
}

void Connection::open(const Endpoint& endpoint, std::uint32_t source) {
  fd_ = socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return fail(std::string("socket: ") + std::strerror(errno));
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (source > 0 && endpoint.address.ss_family == AF_INET) {
    setsockopt(fd_, IPPROTO_IP, 24 /* IP_BIND_ADDRESS_NO_PORT */, &on, sizeof on);
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + source);
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0)
      return fail(std::string("bind: ") + std::strerror(errno));
  }
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.size) != 0 && errno != EINPROGRESS) {
    return fail(std::string("connect: ") + std::strerror(errno));
  }
  loop_.add(fd_, *this, true);
}

void Connection::close() {
  if (fd_ < 0) return;
  loop_.remove(fd_, *this);
  ::close(std::exchange(fd_, -1));
  backlog_.release_memory();
}

void Connection::fail(std::string why) {
  failure_ = std::move(why);
  close();
  on_closed();
}

void Connection::send(base::Bytes bytes) {
  if (fd_ < 0) return;
  if (backlog_.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) return fail(std::string("send: ") + std::strerror(errno));
    if (n > 0) bytes = bytes.subspan(static_cast<std::size_t>(n));
    if (bytes.empty()) return;
  }
  backlog_.append(bytes);
  if (backlog_.size() > backlog_limit) return fail("the server takes less than is sent");
  if (!std::exchange(waiting_to_write_, true)) loop_.change(fd_, *this, true);
}

void Connection::writable() {
  if (!connected_) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return fail(std::string("connect: ") + std::strerror(error));
    connected_ = true;
    on_connected();
    if (fd_ < 0) return;
  }
  if (!backlog_.empty()) {
    const ssize_t n = ::send(fd_, backlog_.data(), backlog_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) return fail(std::string("send: ") + std::strerror(errno));
    if (n > 0) backlog_.consume(static_cast<std::size_t>(n));
  }
  if (backlog_.empty() && std::exchange(waiting_to_write_, false)) loop_.change(fd_, *this, false);
}

void Connection::readable() {
  if (fd_ < 0) return;
  const base::MutableBytes room = loop_.buffer();
  const ssize_t n = discard_ ? recv(fd_, nullptr, 16 << 20, MSG_TRUNC | MSG_DONTWAIT)
                             : recv(fd_, room.data(), room.size(), MSG_DONTWAIT);
  if (n == 0) return fail("closed by the server");
  if (n < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    return fail(std::string("recv: ") + std::strerror(errno));
  }
  const auto count = static_cast<std::size_t>(n);
  received_bytes_ += count;
  on_input(discard_ ? base::Bytes{} : base::Bytes{room.data(), count}, base::Instant::clock::now());
}

}  // namespace weir::bench
