#include "net/byte_stream.h"

#include <algorithm>
#include <array>

#include "net/coroutine.h"
#include "net/patience.h"

namespace weir::net {

using base::Bytes;
using base::Result;

Task<Result<void>> ByteStream::yield() {
  turn_->pause();
  if (co_await stop_requested()) co_return Errc::stopped;
  const auto executor = co_await boost::asio::this_coro::executor;
  co_await Patience::of(executor.context()).wait(use_ec);
  turn_->renew();
  if (co_await stop_requested()) co_return Errc::stopped;
  co_return Result<void>();
}

Task<Result<std::size_t>> ByteStream::read_some(base::MutableBytes room) {
  for (;;) {
    const auto count = try_read(room);
    if (count || count.error() != Errc::would_block) co_return count;
    CO_TRY_VOID(co_await readable());
  }
}

Task<Result<void>> ByteStream::read_exactly(base::MutableBytes room) {
  while (!room.empty()) {
    CO_TRY(const std::size_t count, co_await read_some(room));
    room = room.subspan(count);
  }
  co_return Result<void>();
}

Task<Result<void>> ByteStream::write(Bytes bytes) {
  while (!bytes.empty()) {
    const iovec part{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    const auto count = try_write({&part, 1});
    if (count) {
      bytes = bytes.subspan(*count);
      if (!turn_->spend(*count)) CO_TRY_VOID(co_await yield());
    } else if (count.error() == Errc::would_block) {
      // Of a stream that says it is writable, and takes nothing, too.
      if (!turn_->spend()) CO_TRY_VOID(co_await yield());
      CO_TRY_VOID(co_await writable());
    } else {
      co_return count.error();
    }
  }
  co_return Result<void>();
}

Task<Result<void>> ByteStream::write(std::span<const Bytes> parts) {
  constexpr std::size_t most = 16;
  std::size_t offset = 0;  // into the first part
  while (!parts.empty()) {
    std::array<iovec, most> list;
    const std::size_t count = std::min(parts.size(), most);
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Bytes part = i == 0 ? parts[i].subspan(offset) : parts[i];
      list[i] = {const_cast<std::uint8_t*>(part.data()), part.size()};
      total += part.size();
    }
    std::size_t written = 0;
    if (total > 0) {
      const auto result = try_write({list.data(), count});
      if (!result && result.error() == Errc::would_block) {
        if (!turn_->spend()) CO_TRY_VOID(co_await yield());
        CO_TRY_VOID(co_await writable());
        continue;
      }
      if (!result) co_return result.error();
      written = *result;
      if (!turn_->spend(written)) CO_TRY_VOID(co_await yield());
    }
    while (!parts.empty() && written >= parts.front().size() - offset) {
      written -= parts.front().size() - offset;
      parts = parts.subspan(1);
      offset = 0;
      if (written == 0 && (parts.empty() || !parts.front().empty())) break;
    }
    offset += written;
  }
  co_return Result<void>();
}

}  // namespace weir::net
