#pragma once

#include <sys/uio.h>

#include <functional>
#include <string>
#include <utility>

#include "net/byte_stream.h"

namespace weir::test {

// A ByteStream that takes what it is told to take: for tests of whoever writes.
class MemoryStream final : public net::ByteStream {
 public:
  std::string taken;
  std::size_t room = SIZE_MAX;  // bytes that it takes before it would block
  base::ErrorCode broken;       // every write fails with this
  std::size_t writes = 0;

  // Makes room and tells the writer.
  void give_room(std::size_t bytes) {
    room = bytes;
    if (auto then = std::exchange(waiting_, nullptr)) then();
  }
  bool waited_for() const { return static_cast<bool>(waiting_); }

  base::Result<std::size_t> try_write(std::span<const iovec> parts) override {
    if (broken) return broken;
    ++writes;
    std::size_t count = 0;
    for (const iovec& part : parts) {
      const std::size_t size = std::min(part.iov_len, room - count);
      taken.append(static_cast<const char*>(part.iov_base), size);
      count += size;
      if (size < part.iov_len) break;
    }
    if (room != SIZE_MAX) room -= count;
    meter_.sent_bytes += count;
    if (count == 0) return net::Errc::would_block;
    return count;
  }
  base::Result<std::size_t> try_read(base::MutableBytes) override { return net::Errc::would_block; }
  net::Task<base::Result<void>> readable() override { co_return net::Errc::stopped; }
  net::Task<base::Result<void>> writable() override { co_return net::Errc::stopped; }
  void when_readable(std::function<void()>) override {}
  void when_writable(std::function<void()> then) override { waiting_ = std::move(then); }
  void cancel() override {}
  void shutdown() override {}
  void close() override {}
  int native_handle() const override { return -1; }
  bool encrypted() const override { return false; }

 private:
  std::function<void()> waiting_;
};

}  // namespace weir::test
