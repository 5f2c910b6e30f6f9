#include "net/tcp_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/coroutine.h"
#include "net/deadline.h"
#include "net/patience.h"
#include "net/worker.h"

namespace weir::net {
namespace asio = boost::asio;
using base::ErrorCode;
using base::Result;
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

namespace {

Peer describe_endpoint(const asio::ip::tcp::endpoint& endpoint) {
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return {address.to_string(), endpoint.port()};
}

class TcpStream final : public ByteStream {
 public:
  TcpStream(Worker& worker, Socket socket)
      : ByteStream(worker.cut_turns()), socket_(std::make_shared<Socket>(std::move(socket))) {
    ErrorCode ignored;
    if (const auto remote = socket_->remote_endpoint(ignored); !ignored) peer_ = describe_endpoint(remote);
    if (const auto local = socket_->local_endpoint(ignored); !ignored) local_ = describe_endpoint(local);
    descriptor_ = socket_->native_handle();
  }
  ~TcpStream() override { close(); }

  Result<std::size_t> try_read(base::MutableBytes room) override {
    if (turn_->refuses()) return Errc::would_block;
    room = room.first(std::min(room.size(), turn_->allowance()));
    for (;;) {
      const ssize_t count = ::recv(descriptor_, room.data(), room.size(), MSG_DONTWAIT);
      if (count > 0) {
        turn_->spend(static_cast<std::size_t>(count));
        meter_.received_bytes += static_cast<std::uint64_t>(count);
        since_wait_ += static_cast<std::size_t>(count);
        return static_cast<std::size_t>(count);
      }
      if (count == 0) return Errc::end_of_stream;
      if (errno != EINTR) return failure();
    }
  }

  Result<std::size_t> try_write(std::span<const iovec> parts) override {
    for (;;) {
      ssize_t count = 0;
      if (parts.size() == 1) {
        count = ::send(descriptor_, parts[0].iov_base, parts[0].iov_len, MSG_DONTWAIT | MSG_NOSIGNAL);
      } else {
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(parts.data());
        message.msg_iovlen = parts.size();
        count = ::sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
      }
      if (count >= 0) {
        meter_.sent_bytes += static_cast<std::uint64_t>(count);
        since_wait_ += static_cast<std::size_t>(count);
        return static_cast<std::size_t>(count);
      }
      if (errno != EINTR) return failure();
    }
  }

  Task<Result<void>> readable() override { return wait(Socket::wait_read); }
  Task<Result<void>> writable() override { return wait(Socket::wait_write); }

  void when_readable(std::function<void()> then) override { call_when(Socket::wait_read, std::move(then)); }
  void when_writable(std::function<void()> then) override { call_when(Socket::wait_write, std::move(then)); }

  void cancel() override {
    ErrorCode ignored;
    socket_->cancel(ignored);
  }
  void shutdown() override {
    ErrorCode ignored;
    socket_->shutdown(Socket::shutdown_send, ignored);
  }
  void close() override {
    descriptor_ = -1;
    ErrorCode ignored;
    socket_->close(ignored);
  }
  int native_handle() const override { return descriptor_; }
  bool encrypted() const override { return false; }

 private:
  Result<std::size_t> failure() const {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Errc::would_block;
    return ErrorCode(errno, boost::system::system_category());
  }

  Task<Result<void>> wait(Socket::wait_type what) {
    if (turn_->over()) co_return co_await yield();
    if (co_await stop_requested()) co_return Errc::stopped;
    const bool moved_much = std::exchange(since_wait_, 0) >= much_bytes;
    const auto [error] = co_await socket_->async_wait(what, use_ec);
    if (error) co_return house_error(error);
    if (moved_much) co_await patience().wait(use_ec);
    turn_->renew();
    co_return Result<void>();
  }

  // The handler may run after this object is gone: it looks through a weak reference to the socket first.
  void call_when(Socket::wait_type what, std::function<void()> then) {
    auto call = [this, alive = std::weak_ptr<Socket>(socket_), then = std::move(then)] {
      if (alive.expired()) return;
      turn_->renew();
      then();
    };
    if (turn_->over()) {
      turn_->pause();
      return patience().post(std::move(call));
    }
    const bool moved_much = std::exchange(since_wait_, 0) >= much_bytes;
    socket_->async_wait(what, [call = std::move(call), moved_much, &patience = patience()](const ErrorCode&) mutable {
      if (moved_much) return patience.post(std::move(call));
      call();
    });
  }

  Patience& patience() { return Patience::of(socket_->get_executor().context()); }

  // What makes a turn a long one. Many such connections whose bytes come in bursts would each be ready each time round
  // the loop without ever being cut short: they wait with those that were.
  static constexpr std::size_t much_bytes = 64 * 1024;

  std::size_t since_wait_ = 0;      // bytes read and written
  std::shared_ptr<Socket> socket_;  // shared with no one; counted so that handlers can tell whether it still lives
  int descriptor_ = -1;             // kept apart: the fast path goes straight to the system
};

}  // namespace

void apply(const TcpOptions& options, int descriptor) {
  const int on = options.no_delay ? 1 : 0;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (options.send_buffer_bytes > 0) {
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &options.send_buffer_bytes, sizeof(int));
  }
  if (options.not_sent_low_water_bytes > 0) {
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &options.not_sent_low_water_bytes, sizeof(int));
  }
}

void set_read_low_water(int descriptor, int bytes) {
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

void acknowledge_now(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

std::unique_ptr<ByteStream> make_tcp_stream(Worker& worker, int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  const auto protocol = address.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
  Socket socket(worker.io().get_executor());
  ErrorCode error;
  socket.assign(protocol, descriptor, error);
  if (error) ::close(descriptor);
  return std::make_unique<TcpStream>(worker, std::move(socket));
}

namespace {

Task<Result<std::unique_ptr<ByteStream>>> resolve_and_connect(Worker& worker, std::string host, std::uint16_t port) {
  asio::ip::basic_resolver<asio::ip::tcp, asio::io_context::executor_type> resolver(worker.io().get_executor());
  const std::string service = std::to_string(port);
  const auto [unresolved, found] = co_await resolver.async_resolve(host, service, use_ec);
  if (unresolved) co_return house_error(unresolved);
  Socket socket(worker.io().get_executor());
  const auto [failed, endpoint] = co_await asio::async_connect(socket, found, use_ec);
  if (failed) co_return house_error(failed);
  ErrorCode ignored;
  socket.native_non_blocking(true, ignored);
  std::unique_ptr<ByteStream> stream = std::make_unique<TcpStream>(worker, std::move(socket));
  apply(TcpOptions{}, stream->native_handle());
  co_return stream;
}

}  // namespace

Task<Result<std::unique_ptr<ByteStream>>> connect(Worker& worker, std::string host, std::uint16_t port,
                                                  std::chrono::milliseconds limit) {
  co_return co_await deadline(limit, resolve_and_connect(worker, std::move(host), port));
}

}  // namespace weir::net
