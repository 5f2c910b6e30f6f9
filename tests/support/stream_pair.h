#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "net/byte_stream.h"
#include "net/coroutine.h"

namespace weir::test {

// Two connected ByteStreams in memory. Each direction holds at most `capacity` bytes, and a read gives at most
// `largest_read`, so that every partial step occurs.
class PairedStream final : public net::ByteStream {
 public:
  struct Direction {
    std::string bytes;
    bool ended = false;
    std::size_t capacity = 0;
  };
  PairedStream(boost::asio::io_context& io, std::shared_ptr<Direction> in, std::shared_ptr<Direction> out)
      : io_(io), in_(std::move(in)), out_(std::move(out)) {
    peer_ = {"192.0.2.7", 4242};
  }
  ~PairedStream() override { out_->ended = true; }

  std::size_t largest_read = 1U << 20U;

  base::Result<std::size_t> try_read(base::MutableBytes room) override {
    if (in_->bytes.empty()) return in_->ended ? net::Errc::end_of_stream : net::Errc::would_block;
    const std::size_t count = std::min({room.size(), in_->bytes.size(), largest_read});
    std::copy_n(in_->bytes.begin(), count, room.begin());
    in_->bytes.erase(0, count);
    return count;
  }
  base::Result<std::size_t> try_write(std::span<const iovec> parts) override {
    std::size_t total = 0;
    for (const iovec& part : parts) {
      const std::size_t count = std::min(part.iov_len, out_->capacity - std::min(out_->capacity, out_->bytes.size()));
      out_->bytes.append(static_cast<const char*>(part.iov_base), count);
      total += count;
    }
    if (total == 0) return net::Errc::would_block;
    return total;
  }
  net::Task<base::Result<void>> readable() override {
    while (in_->bytes.empty() && !in_->ended && !cancelled_) co_await pause();
    if (cancelled_) co_return net::Errc::stopped;
    co_return base::Result<void>();
  }
  net::Task<base::Result<void>> writable() override {
    while (out_->bytes.size() >= out_->capacity && !cancelled_) co_await pause();
    if (cancelled_) co_return net::Errc::stopped;
    co_return base::Result<void>();
  }
  void when_readable(std::function<void()> then) override { boost::asio::post(io_, std::move(then)); }
  void when_writable(std::function<void()> then) override { boost::asio::post(io_, std::move(then)); }
  void cancel() override { cancelled_ = true; }
  void shutdown() override { out_->ended = true; }
  void close() override { out_->ended = true; }
  int native_handle() const override { return -1; }
  bool encrypted() const override { return false; }

 private:
  net::Task<void> pause() {
    boost::asio::steady_timer timer(io_, std::chrono::microseconds(100));
    (void)co_await timer.async_wait(net::use_ec);
  }

  boost::asio::io_context& io_;
  std::shared_ptr<Direction> in_;
  std::shared_ptr<Direction> out_;
  bool cancelled_ = false;
};

using StreamPair = std::pair<std::unique_ptr<PairedStream>, std::unique_ptr<PairedStream>>;
inline StreamPair make_stream_pair(boost::asio::io_context& io, std::size_t capacity = 1U << 20U) {
  auto there = std::make_shared<PairedStream::Direction>();
  auto back = std::make_shared<PairedStream::Direction>();
  there->capacity = back->capacity = capacity;
  return {std::make_unique<PairedStream>(io, there, back), std::make_unique<PairedStream>(io, back, there)};
}

}  // namespace weir::test
