#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <exception>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "net/byte_stream.h"
#include "net/coroutine.h"

namespace weir::test {

// A ByteStream without a socket: gives the pieces of input one read at a time, collects what is written, then ends.
// `hang` makes it wait for ever in place of its end; `room` bounds what is taken before a writer is blocked for good. A
// wait that cannot end fails with Errc::stopped after `patience`, as the session's limit would do it.
class ScriptedStream final : public net::ByteStream {
 public:
  explicit ScriptedStream(boost::asio::io_context& io) : io_(io) { peer_ = {"192.0.2.7", 4242}; }

  std::vector<std::string> input;
  bool hang = false;
  std::size_t room = std::numeric_limits<std::size_t>::max();
  std::size_t largest_write = std::numeric_limits<std::size_t>::max();
  std::chrono::milliseconds patience{20};
  std::function<void(ScriptedStream&)> on_wait;  // called when a read finds nothing: may add input

  std::string output;
  bool shut_down = false;
  bool closed = false;

  base::Result<std::size_t> try_read(base::MutableBytes space) override {
    if (next_ == input.size() && on_wait) on_wait(*this);
    if (next_ == input.size()) {
      if (hang) return net::Errc::would_block;
      return net::Errc::end_of_stream;
    }
    const std::string& piece = input[next_];
    const std::size_t count = std::min(space.size(), piece.size() - at_);
    std::copy_n(piece.begin() + static_cast<std::ptrdiff_t>(at_), count, space.begin());
    at_ += count;
    if (at_ == piece.size()) {
      at_ = 0;
      ++next_;
    }
    meter_.received_bytes += count;
    return count;
  }

  base::Result<std::size_t> try_write(std::span<const iovec> parts) override {
    std::size_t total = 0;
    for (const iovec& part : parts) {
      const std::size_t count = std::min({part.iov_len, room - output.size(), largest_write - total});
      output.append(static_cast<const char*>(part.iov_base), count);
      total += count;
      if (count < part.iov_len) break;
    }
    meter_.sent_bytes += total;
    if (total == 0) return net::Errc::would_block;
    return total;
  }

  net::Task<base::Result<void>> readable() override {
    if (next_ == input.size() && on_wait) on_wait(*this);
    if (next_ == input.size() && hang) co_return co_await wait_in_vain();
    co_return base::Result<void>();
  }
  net::Task<base::Result<void>> writable() override {
    if (output.size() >= room) co_return co_await wait_in_vain();
    co_return base::Result<void>();
  }
  void when_readable(std::function<void()> then) override { boost::asio::post(io_, std::move(then)); }
  void when_writable(std::function<void()> then) override { boost::asio::post(io_, std::move(then)); }
  void cancel() override {}
  void shutdown() override { shut_down = true; }
  void close() override { closed = true; }
  int native_handle() const override { return -1; }
  bool encrypted() const override { return false; }

  std::size_t unread_pieces() const { return input.size() - next_; }

 private:
  net::Task<base::Result<void>> wait_in_vain() {
    boost::asio::steady_timer timer(io_, patience);
    (void)co_await timer.async_wait(net::use_ec);
    co_return net::Errc::stopped;
  }

  boost::asio::io_context& io_;
  std::size_t next_ = 0;
  std::size_t at_ = 0;
};

// Runs a coroutine to its end and gives what it returned; an exception passes on.
template <class T>
T run(boost::asio::io_context& io, net::Task<T> task) {
  std::optional<T> result;
  std::exception_ptr thrown;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T value) {
    thrown = error;
    result.emplace(std::move(value));
  });
  io.restart();
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  return *std::move(result);
}
inline void run(boost::asio::io_context& io, net::Task<void> task) {
  std::exception_ptr thrown;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error) { thrown = error; });
  io.restart();
  io.run();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace weir::test
