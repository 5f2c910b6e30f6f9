#include "net/pipe_stream.h"

#include <limits.h>
#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include "net/coroutine.h"
#include "net/patience.h"
#include "net/worker.h"

namespace weir::net {
namespace asio = boost::asio;
using base::ErrorCode;
using base::Result;

namespace {

enum class End : bool { reading, writing };

ErrorCode system_error() { return ErrorCode(errno, boost::system::system_category()); }

class Pipe final : public ByteStream {
  using Descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

 public:
  Pipe(Worker& worker, int descriptor, End end)
      : ByteStream(worker.cut_turns()),
        pipe_(std::make_shared<Descriptor>(worker.io().get_executor(), descriptor)),
        descriptor_(descriptor),
        end_(end) {}
  ~Pipe() override { close(); }

  Result<std::size_t> try_read(base::MutableBytes room) override {
    if (end_ == End::writing) return nobody_reads() ? Errc::end_of_stream : Errc::would_block;
    if (turn_->refuses()) return Errc::would_block;
    room = room.first(std::min(room.size(), turn_->allowance()));
    for (;;) {
      const ssize_t count = ::read(descriptor_, room.data(), room.size());
      if (count > 0) {
        turn_->spend(static_cast<std::size_t>(count));
        meter_.received_bytes += static_cast<std::uint64_t>(count);
        return static_cast<std::size_t>(count);
      }
      if (count == 0) return Errc::end_of_stream;
      if (errno == EAGAIN) return Errc::would_block;
      if (errno != EINTR) return system_error();
    }
  }
  Result<std::size_t> try_write(std::span<const iovec> parts) override {
    if (end_ == End::reading) return Errc::end_of_stream;
    if (parts.empty()) return std::size_t{0};
    for (;;) {
      const ssize_t count =
          ::writev(descriptor_, parts.data(), static_cast<int>(std::min<std::size_t>(parts.size(), IOV_MAX)));
      if (count >= 0) {
        meter_.sent_bytes += static_cast<std::uint64_t>(count);
        return static_cast<std::size_t>(count);
      }
      if (errno == EAGAIN) return Errc::would_block;
      if (errno == EPIPE) return Errc::end_of_stream;
      if (errno != EINTR) return system_error();
    }
  }

  Task<Result<void>> readable() override { co_return co_await wait(Descriptor::wait_read); }
  Task<Result<void>> writable() override {
    if (end_ == End::reading) co_return Errc::end_of_stream;
    co_return co_await wait(Descriptor::wait_write);
  }

  // The handler may run after this object is gone: it looks through a weak reference to the pipe first.
  void when_readable(std::function<void()> then) override { when(Descriptor::wait_read, std::move(then)); }
  void when_writable(std::function<void()> then) override {
    if (end_ == End::reading) return asio::post(pipe_->get_executor(), std::move(then));
    when(Descriptor::wait_write, std::move(then));
  }

  void cancel() override {
    ErrorCode ignored;
    pipe_->cancel(ignored);
  }
  void shutdown() override {}
  void close() override {
    descriptor_ = -1;
    ErrorCode ignored;
    pipe_->close(ignored);
  }
  int native_handle() const override { return descriptor_; }
  bool encrypted() const override { return false; }

 private:
  // Of the writing end: what the other one was closed for is no byte to read, and wakes whoever waits for one.
  bool nobody_reads() const {
    pollfd look{.fd = descriptor_, .events = 0, .revents = 0};
    return ::poll(&look, 1, 0) > 0 && (look.revents & POLLERR) != 0;
  }
  Task<Result<void>> wait(Descriptor::wait_type what) {
    if (turn_->over()) co_return co_await yield();
    if (co_await stop_requested()) co_return Errc::stopped;
    const auto [error] = co_await pipe_->async_wait(what, use_ec);
    if (error) co_return house_error(error);
    turn_->renew();
    co_return Result<void>();
  }
  void when(Descriptor::wait_type what, std::function<void()> then) {
    auto call = [this, alive = std::weak_ptr<Descriptor>(pipe_), then = std::move(then)] {
      if (alive.expired()) return;
      turn_->renew();
      then();
    };
    if (turn_->over()) {
      turn_->pause();
      return Patience::of(pipe_->get_executor().context()).post(std::move(call));
    }
    pipe_->async_wait(what, [call = std::move(call)](const ErrorCode&) { call(); });
  }

  std::shared_ptr<Descriptor> pipe_;  // shared with no one; counted so that handlers can tell whether it still lives
  int descriptor_;
  End end_;
};

}  // namespace

std::unique_ptr<ByteStream> make_pipe_reader(Worker& worker, int descriptor) {
  return std::make_unique<Pipe>(worker, descriptor, End::reading);
}

std::unique_ptr<ByteStream> make_pipe_writer(Worker& worker, int descriptor) {
  return std::make_unique<Pipe>(worker, descriptor, End::writing);
}

}  // namespace weir::net
