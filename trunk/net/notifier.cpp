#include "net/notifier.h"

#include "net/coroutine.h"

namespace weir::net {

Notifier::Notifier(boost::asio::io_context& io)
    : timer_(io.get_executor(), std::chrono::steady_clock::time_point::max()) {}

Task<base::Result<void>> Notifier::wait() {
  if (co_await stop_requested()) co_return Errc::stopped;
  if (!pending_) co_await timer_.async_wait(use_ec);
  pending_ = false;
  if (co_await stop_requested()) co_return Errc::stopped;
  co_return base::Result<void>();
}

void Notifier::notify() {
  pending_ = true;
  timer_.cancel();
}

}  // namespace weir::net
