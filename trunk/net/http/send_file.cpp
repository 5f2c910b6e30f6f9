#include "net/http/send_file.h"

#include <sys/sendfile.h>

#include <algorithm>
#include <cerrno>

#include "net/http/exchange.h"
#include "net/http/server.h"

namespace weir::http {

using base::Result;

net::Task<Result<void>> send_file_body(Exchange& exchange, int file, std::uint64_t offset, std::uint64_t size) {
  constexpr std::uint64_t step = 1 << 20;  // the peer has to take so much within the time for writing
  net::ByteStream& stream = exchange.stream();
  net::Watchdog& watchdog = exchange.watchdog();
  auto at = static_cast<off_t>(offset);
  std::uint64_t armed_for = 0;
  while (size > 0) {
    if (armed_for == 0) {
      watchdog.arm(exchange.options().write_limit);
      armed_for = std::min(size, step);
    }
    const ssize_t count = ::sendfile(stream.native_handle(), file, &at, static_cast<std::size_t>(armed_for));
    if (count > 0) {
      size -= static_cast<std::uint64_t>(count);
      armed_for -= static_cast<std::uint64_t>(count);
      base::ErrorCode stopped;
      if (!stream.turn().spend(static_cast<std::size_t>(count))) {
        if (const auto turn = co_await stream.yield(); !turn) stopped = turn.error();
      }
      if (!stopped) continue;
      exchange.close_after_reply();
      co_return stopped;
    }
    if (count < 0 && errno == EINTR) continue;
    base::ErrorCode error;
    if (count == 0) {  // the file is shorter than it was
      error = net::Errc::end_of_stream;
    } else if (errno != EAGAIN) {
      error = base::last_error();
    } else if (const auto ready = co_await stream.writable(); !ready) {
      error = ready.error();
    }
    if (!error) continue;
    exchange.close_after_reply();
    co_return error;
  }
  watchdog.disarm();
  co_return Result<void>();
}

}  // namespace weir::http
