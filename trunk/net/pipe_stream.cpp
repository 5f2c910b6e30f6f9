#include "net/pipe_stream.h"

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

class PipeReader final : public ByteStream {
  using Descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

 public:
  PipeReader(Worker& worker, int descriptor)
      : ByteStream(worker.cut_turns()),
        pipe_(std::make_shared<Descriptor>(worker.io().get_executor(), descriptor)),
        descriptor_(descriptor) {}
  ~PipeReader() override { close(); }

  Result<std::size_t> try_read(base::MutableBytes room) override {
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
      if (errno != EINTR) return ErrorCode(errno, boost::system::system_category());
    }
  }
  Result<std::size_t> try_write(std::span<const iovec>) override { return Errc::end_of_stream; }

  Task<Result<void>> readable() override {
    if (turn_->over()) co_return co_await yield();
    if (co_await stop_requested()) co_return Errc::stopped;
    const auto [error] = co_await pipe_->async_wait(Descriptor::wait_read, use_ec);
    if (error) co_return house_error(error);
    turn_->renew();
    co_return Result<void>();
  }
  Task<Result<void>> writable() override { co_return Errc::end_of_stream; }

  // The handler may run after this object is gone: it looks through a weak reference to the pipe first.
  void when_readable(std::function<void()> then) override {
    auto call = [this, alive = std::weak_ptr<Descriptor>(pipe_), then = std::move(then)] {
      if (alive.expired()) return;
      turn_->renew();
      then();
    };
    if (turn_->over()) {
      turn_->pause();
      return Patience::of(pipe_->get_executor().context()).post(std::move(call));
    }
    pipe_->async_wait(Descriptor::wait_read, [call = std::move(call)](const ErrorCode&) { call(); });
  }
  void when_writable(std::function<void()> then) override { asio::post(pipe_->get_executor(), std::move(then)); }

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
  std::shared_ptr<Descriptor> pipe_;  // shared with no one; counted so that handlers can tell whether it still lives
  int descriptor_;
};

}  // namespace

std::unique_ptr<ByteStream> make_pipe_reader(Worker& worker, int descriptor) {
  return std::make_unique<PipeReader>(worker, descriptor);
}

}  // namespace weir::net
