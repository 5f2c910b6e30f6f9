#include "net/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/coroutine.h"
#include "net/patience.h"
#include "net/tcp_stream.h"
#include "net/worker.h"

namespace weir::net {
namespace asio = boost::asio;
using base::ErrorCode;
using base::Result;

namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  bool both_families = false;
};

Result<Address> parse(const ListenAddress& listen, bool want_ipv6) {
  Address address;
  in_addr v4{};
  in6_addr v6 = IN6ADDR_ANY_INIT;
  if (listen.host.empty() && want_ipv6) {
    address.both_families = true;
  } else if (listen.host.empty()) {
    v4.s_addr = INADDR_ANY;
  }
  if ((listen.host.empty() && want_ipv6) || ::inet_pton(AF_INET6, listen.host.c_str(), &v6) == 1) {
    auto* out = reinterpret_cast<sockaddr_in6*>(&address.storage);
    out->sin6_family = AF_INET6;
    out->sin6_addr = v6;
    out->sin6_port = htons(listen.port);
    address.size = sizeof *out;
    return address;
  }
  if (listen.host.empty() || ::inet_pton(AF_INET, listen.host.c_str(), &v4) == 1) {
    auto* out = reinterpret_cast<sockaddr_in*>(&address.storage);
    out->sin_family = AF_INET;
    out->sin_addr = v4;
    out->sin_port = htons(listen.port);
    address.size = sizeof *out;
    return address;
  }
  return make_error_code(boost::system::errc::invalid_argument);
}

constexpr std::size_t most_in_a_row = 32;  // connections that are taken before those who are here have their turn

Result<int> listen_on(const Address& address, bool share) {
  const int descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return base::last_error();
  const int on = 1;
  const int only_v6 = address.both_families ? 0 : 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (share) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (address.storage.ss_family == AF_INET6)
    ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
      ::listen(descriptor, 4096) != 0) {
    const ErrorCode error = base::last_error();
    ::close(descriptor);
    return error;
  }
  return descriptor;
}

}  // namespace

std::string to_text(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6                     ? "[" + address.host + "]"
          : address.host.empty() ? "*"
                                 : address.host) +
         ":" + std::to_string(address.port);
}

Result<std::vector<ListenSocket>> ListenSocket::open(const ListenAddress& listen, std::size_t count) {
  // A bare port is IPv4, as SRS's users have it, so that "1935 [::]:1935" asks for both and gets both.
  TRY(Address address, parse(listen, false));
  auto alone = listen_on(address, false);
  if (!alone && listen.host.empty() && alone.error() == boost::system::errc::address_family_not_supported) {
    TRY(address, parse(listen, true));  // a host without IPv4
    alone = listen_on(address, false);
  }
  if (!alone) return alone.error();
  if (listen.port == 0) {  // any free port: let all share the one that the first was given
    socklen_t size = sizeof address.storage;
    ::getsockname(*alone, reinterpret_cast<sockaddr*>(&address.storage), &size);
  }
  ::close(*alone);
  std::vector<ListenSocket> sockets;
  for (std::size_t i = 0; i < count; ++i) {
    TRY(const int descriptor, listen_on(address, true));
    sockets.push_back(ListenSocket(descriptor));
  }
  return sockets;
}

ListenSocket::~ListenSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::uint16_t ListenSocket::port() const {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&storage), &size);
  return ntohs(storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&storage)->sin_port);
}

Task<void> accept_loop(Life& life, ListenSocket socket, std::function<void(std::unique_ptr<ByteStream>)> accepted) {
  Worker& worker = life.worker();
  asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type> acceptor(worker.io().get_executor());
  asio::steady_timer pause(worker.io());
  std::size_t accepted_in_a_row = 0;
  auto last_log = std::chrono::steady_clock::time_point{};
  ErrorCode failed;
  acceptor.assign(asio::ip::tcp::v6(), socket.release(), failed);
  while (!failed && !co_await stop_requested()) {
    const int descriptor = ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      apply(TcpOptions{}, descriptor);
      try {
        accepted(make_tcp_stream(worker, descriptor));
      } catch (const std::bad_alloc&) {  // that connection is turned away, and the port stays open
        worker.count_out_of_memory();
      }
      if (++accepted_in_a_row < most_in_a_row) continue;
      accepted_in_a_row = 0;
      co_await Patience::of(worker.io()).wait(use_ec);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      accepted_in_a_row = 0;
      co_await acceptor.async_wait(acceptor.wait_read, use_ec);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      const auto now = std::chrono::steady_clock::now();
      if (now - last_log > std::chrono::seconds(10)) {
        last_log = now;
        log::error(life.log(), "cannot accept a connection: {}; raise the limit of open files (ulimit -n)",
                   base::last_error().message());
      }
      pause.expires_after(std::chrono::milliseconds(100));
      co_await pause.async_wait(use_ec);
    }  // else: that one connection was gone before it was taken
  }
}

}  // namespace weir::net
