#include "net/tcp_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/coroutine.h"
#include "net/deadline.h"
#include "net/notifier.h"
#include "net/poller.h"
#include "net/worker.h"

namespace weir::net {
namespace asio = boost::asio;
using base::ErrorCode;
using base::Result;

namespace {

Peer describe_address(const sockaddr_storage& address, socklen_t size) {
  asio::ip::tcp::endpoint endpoint;
  if (size > endpoint.capacity()) return {};
  std::memcpy(endpoint.data(), &address, size);
  endpoint.resize(size);
  auto host = endpoint.address();
  if (host.is_v6() && host.to_v6().is_v4_mapped()) host = asio::ip::make_address_v4(asio::ip::v4_mapped, host.to_v6());
  return {host.to_string(), endpoint.port()};
}

Peer remote_end(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return describe_address(address, size);
}

Peer local_end(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return describe_address(address, size);
}

class TcpStream final : public ByteStream, private Poller::Client {
 public:
  TcpStream(Worker& worker, int descriptor) : worker_(worker), descriptor_(descriptor) {
    peer_ = remote_end(descriptor);
    local_ = local_end(descriptor);
    ticket_ = worker.poller().add(descriptor, *this);
    if (ticket_ == 0) close();  // whoever uses it hears EBADF
  }
  ~TcpStream() override { close(); }

  Result<std::size_t> try_read(base::MutableBytes room) override {
    for (;;) {
      const ssize_t count = ::recv(descriptor_, room.data(), room.size(), MSG_DONTWAIT);
      if (count > 0) {
        received_bytes_ += static_cast<std::uint64_t>(count);
        // Less than was asked for is all there was: what comes later, the end too, is a new event.
        if (static_cast<std::size_t>(count) < room.size()) reading_.ready = false;
        return static_cast<std::size_t>(count);
      }
      if (count == 0) return Errc::end_of_stream;
      if (errno != EINTR) return failure(reading_);
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
        sent_bytes_ += static_cast<std::uint64_t>(count);
        std::size_t asked = 0;
        for (const iovec& part : parts) asked += part.iov_len;
        if (static_cast<std::size_t>(count) < asked) writing_.ready = false;
        return static_cast<std::size_t>(count);
      }
      if (errno != EINTR) return failure(writing_);
    }
  }

  Task<Result<void>> readable() override { return wait(reading_); }
  Task<Result<void>> writable() override { return wait(writing_); }
  void when_readable(std::function<void()> then) override { call_when(reading_, std::move(then)); }
  void when_writable(std::function<void()> then) override { call_when(writing_, std::move(then)); }

  void cancel() override {
    for (Direction* direction : {&reading_, &writing_}) {
      if (!direction->task) continue;
      direction->cancelled = true;
      tell(*direction);
    }
  }
  void shutdown() override { ::shutdown(descriptor_, SHUT_WR); }
  void close() override {
    if (descriptor_ < 0) return;
    worker_.poller().remove(ticket_);
    ::close(std::exchange(descriptor_, -1));
    cancel();
    reading_.then = nullptr;
    writing_.then = nullptr;
  }
  int native_handle() const override { return descriptor_; }
  bool encrypted() const override { return false; }

 private:
  struct Direction {
    std::function<void()> then;
    bool ready = true;  // until the system says otherwise
    bool task = false;  // `then` wakes a task
    bool cancelled = false;
  };

  // Poller::Client
  void on_readable() override {
    reading_.ready = true;
    tell(reading_);
  }
  void on_writable() override {
    writing_.ready = true;
    tell(writing_);
  }
  static void tell(Direction& direction) {
    // May destroy this stream, so it is the last thing done.
    if (const auto then = std::exchange(direction.then, nullptr)) then();
  }

  ErrorCode failure(Direction& direction) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) return {errno, boost::system::system_category()};
    direction.ready = false;
    return Errc::would_block;
  }

  void call_when(Direction& direction, std::function<void()> then) {
    direction.then = std::move(then);
    const bool reading = &direction == &reading_;
    if (direction.ready && reading) direction.ready = holds_something();
    if (!direction.ready) return;
    worker_.post([&poller = worker_.poller(), ticket = ticket_, reading] {
      reading ? poller.tell_readable(ticket) : poller.tell_writable(ticket);
    });
  }

  // Whoever waits without having read to the end: no event will come of what is there already.
  bool holds_something() const {
    std::uint8_t byte = 0;
    return ::recv(descriptor_, &byte, 1, MSG_DONTWAIT | MSG_PEEK) >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }

  Task<Result<void>> wait(Direction& direction) {
    if (co_await stop_requested()) co_return Errc::stopped;
    if (descriptor_ < 0) co_return Errc::stopped;
    Notifier wake(worker_.io());
    // However the wait ends, by its frame's destruction too, nothing is left that knows of `wake`.
    struct Waiting {
      Direction& direction;
      explicit Waiting(Direction& d) : direction(d) {
        d.task = true;
        d.cancelled = false;
      }
      ~Waiting() {
        direction.task = false;
        direction.then = nullptr;
      }
    } const waiting(direction);
    call_when(direction, [&wake] { wake.notify(); });
    CO_TRY_VOID(co_await wake.wait());
    if (direction.cancelled) co_return Errc::stopped;
    co_return Result<void>();
  }

  // given
  Worker& worker_;

  // owned
  int descriptor_;

  // state
  Poller::Ticket ticket_ = 0;
  Direction reading_, writing_;
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
  return std::make_unique<TcpStream>(worker, descriptor);
}

namespace {

Task<Result<std::unique_ptr<ByteStream>>> resolve_and_connect(Worker& worker, std::string host, std::uint16_t port) {
  asio::ip::basic_resolver<asio::ip::tcp, asio::io_context::executor_type> resolver(worker.io().get_executor());
  const std::string service = std::to_string(port);
  const auto [unresolved, found] = co_await resolver.async_resolve(host, service, use_ec);
  if (unresolved) co_return house_error(unresolved);
  asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type> socket(worker.io().get_executor());
  const auto [failed, endpoint] = co_await asio::async_connect(socket, found, use_ec);
  if (failed) co_return house_error(failed);
  ErrorCode refused;
  const int descriptor = socket.release(refused);
  if (refused) co_return refused;
  apply(TcpOptions{}, descriptor);
  co_return make_tcp_stream(worker, descriptor);
}

}  // namespace

Task<Result<std::unique_ptr<ByteStream>>> connect(Worker& worker, std::string host, std::uint16_t port,
                                                  std::chrono::milliseconds limit) {
  co_return co_await deadline(limit, resolve_and_connect(worker, std::move(host), port));
}

}  // namespace weir::net
