#include "net/srt/listener.h"

#include <netinet/in.h>
#include <srt/access_control.h>
#include <srt/srt.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include <boost/asio/post.hpp>

#include "net/coroutine.h"
#include "net/srt/address.h"
#include "net/srt/error.h"
#include "net/srt/handshake_guard.h"

namespace weir::net {

using base::ErrorCode;
using base::Result;
using Endpoint = boost::asio::ip::udp::endpoint;

namespace {

constexpr int backlog = 512;           // callers that are connected and not accepted yet
constexpr int most_in_a_row = 32;      // that are taken before those who are here have their turn
constexpr int header_bytes = 28 + 16;  // of IPv4, UDP and SRT
constexpr int internal_fault = SRT_REJX_ISE;
constexpr int udp_buffer_bytes = 8 << 20;

ErrorCode last_error() { return {errno, boost::system::system_category()}; }

// A bound UDP socket, closed unless it is released.
class UdpSocket {
 public:
  static Result<UdpSocket> bind(const Endpoint& endpoint, bool share) {
    UdpSocket made(::socket(endpoint.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (made.descriptor_ < 0) return last_error();
    const int on = 1;
    if (share) ::setsockopt(made.descriptor_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (endpoint.address().is_v6()) ::setsockopt(made.descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    TRY_VOID(guard_srt_handshakes(made.descriptor_));  // before the first datagram
    if (::bind(made.descriptor_, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) return last_error();
    return made;
  }
  UdpSocket(UdpSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ~UdpSocket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }
  Endpoint endpoint() const {
    Endpoint local;
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    if (address.ss_family == AF_INET6) local = Endpoint(boost::asio::ip::udp::v6(), 0);
    std::memcpy(local.data(), &address, local.size());
    return local;
  }

 private:
  explicit UdpSocket(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// Sets options until one fails.
class Setter {
 public:
  explicit Setter(int socket) : socket_(socket) {}
  template <class T>
  Setter& set(SRT_SOCKOPT name, const T& value) {
    if (ok_) ok_ = srt_setsockflag(socket_, name, &value, sizeof value) == 0;
    return *this;
  }
  bool ok() const { return ok_; }

 private:
  int socket_;
  bool ok_ = true;
};

// The type comes first: it sets the others. Flow window and buffers: the library's tables of losses take memory by the
// window, 12 MB worth of packets by default, for each connection.
bool apply(const SrtOptions& options, bool v6, int socket) {
  const auto ms = [](std::chrono::milliseconds time) { return static_cast<int>(time.count()); };
  const int packet = options.mss - 28;
  const auto bytes = [](std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, 1U << 30)); };
  const int window =
      std::max(128, std::max(bytes(options.receive_buffer_bytes), bytes(options.send_buffer_bytes)) / packet);
  Setter setter(socket);
  setter.set(SRTO_TRANSTYPE, SRTT_LIVE)
      .set(SRTO_RCVSYN, false)
      .set(SRTO_SNDSYN, false)
      .set(SRTO_MSS, options.mss)
      .set(SRTO_FC, window)
      .set(SRTO_RCVBUF, std::max(bytes(options.receive_buffer_bytes), 32 * packet))
      .set(SRTO_SNDBUF, std::max(bytes(options.send_buffer_bytes), 32 * packet))
      .set(SRTO_UDP_RCVBUF, udp_buffer_bytes)
      .set(SRTO_UDP_SNDBUF, udp_buffer_bytes / 4)
      .set(SRTO_PAYLOADSIZE, std::min(options.payload_bytes, options.mss - header_bytes))
      .set(SRTO_RCVLATENCY, ms(options.receive_latency))
      .set(SRTO_PEERLATENCY, ms(options.send_latency))
      .set(SRTO_TSBPDMODE, options.by_timestamp)
      .set(SRTO_TLPKTDROP, options.drop_late)
      .set(SRTO_MAXBW, options.most_bytes_per_second)
      .set(SRTO_CONNTIMEO, ms(options.connect_timeout))
      .set(SRTO_PEERIDLETIMEO, ms(options.peer_idle_timeout));
  if (v6) setter.set(SRTO_IPV6ONLY, 1);
  return setter.ok();
}

int granted(int descriptor) {
  int size = 0;
  socklen_t length = sizeof size;
  ::getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, &length);
  return size / 2;  // the kernel counts its own part
}

}  // namespace

Result<std::vector<std::unique_ptr<SrtListener>>> SrtListener::open(const ListenAddress& address, std::size_t count,
                                                                    const SrtOptions& options, SrtDoor& door) {
  TRY(Endpoint endpoint, srt_endpoint(address));
  {
    TRY(const UdpSocket alone, UdpSocket::bind(endpoint, false));
    endpoint.port(alone.endpoint().port());
  }
  std::vector<std::unique_ptr<SrtListener>> listeners;
  for (std::size_t i = 0; i < count; ++i) {
    TRY(UdpSocket udp, UdpSocket::bind(endpoint, true));
    std::unique_ptr<SrtListener> listener(new SrtListener(srt_create_socket()));
    const int socket = listener->socket_;
    if (!apply(options, endpoint.address().is_v6(), socket)) return last_srt_error();
    const int descriptor = udp.descriptor();
    if (srt_bind_acquire(socket, udp.descriptor()) != 0) return last_srt_error();
    (void)udp.release();
    listener->granted_bytes_ = static_cast<std::size_t>(granted(descriptor));
    if (srt_listen_callback(socket, &SrtListener::on_call, &door) != 0 || srt_listen(socket, backlog) != 0) {
      return last_srt_error();
    }
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

SrtListener::~SrtListener() { srt_close(socket_); }

std::uint16_t SrtListener::port() const {
  sockaddr_storage address{};
  int size = sizeof address;
  if (srt_getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return srt_peer(address).port;
}

// An exception has nowhere to go on the library's thread.
int SrtListener::on_call(void* door, int socket, int, const sockaddr* peer, const char* stream_id) {
  int reject = internal_fault;
  try {
    const SrtAnswer answer = static_cast<SrtDoor*>(door)->answer(
        {stream_id ? std::string_view(stream_id) : std::string_view(), srt_peer(peer)});
    reject = answer.reject;
    if (reject == 0 && !answer.passphrase.empty()) {
      Setter setter(socket);
      if (answer.key_bytes != 0) setter.set(SRTO_PBKEYLEN, answer.key_bytes);
      const auto size = static_cast<int>(answer.passphrase.size());
      if (!setter.ok() || srt_setsockflag(socket, SRTO_PASSPHRASE, answer.passphrase.data(), size) != 0) {
        reject = internal_fault;
      }
    }
  } catch (const std::exception&) {
    reject = internal_fault;
  }
  if (reject == 0) return 0;
  srt_setrejectreason(socket, reject);
  return -1;
}

namespace {

// Of one listener: what is told of it wakes its loop.
class Accepting final : SrtWatched {
 public:
  Accepting(SrtPoller& poller, int socket) : poller_(poller), socket_(socket), wake_(poller.worker().io()) {
    poller_.watch(socket_, *this);
  }
  ~Accepting() { poller_.forget(socket_); }
  Accepting(const Accepting&) = delete;
  Task<Result<void>> wait() { return wake_.wait(); }

 private:
  void ready(Ready) override { wake_.notify(); }

  SrtPoller& poller_;
  int socket_;
  Notifier wake_;
};

}  // namespace

Task<void> srt_accept_loop(SrtPoller& poller, std::unique_ptr<SrtListener> listener,
                           std::function<void(std::unique_ptr<SrtSocket>)> accepted) {
  Accepting accepting(poller, listener->handle());
  for (int taken = 0;;) {
    const int socket = srt_accept(listener->handle(), nullptr, nullptr);
    if (socket != SRT_INVALID_SOCK) {
      bool owned = false;
      try {
        auto made = std::make_unique<SrtSocket>(poller, socket);
        owned = true;
        accepted(std::move(made));
      } catch (const std::bad_alloc&) {  // that caller is turned away, and the port stays open
        poller.worker().count_out_of_memory();
        if (!owned) srt_close(socket);
      }
      if (++taken % most_in_a_row == 0) co_await boost::asio::post(poller.worker().io(), use_ec);
    } else if (!co_await accepting.wait()) {
      co_return;
    }
  }
}

}  // namespace weir::net
