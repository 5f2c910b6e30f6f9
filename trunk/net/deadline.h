#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <utility>

#include "net/coroutine.h"

namespace weir::net {

// A step with a time limit of its own: Errc::timed_out when it is over. About 3 us, so for steps (connect, a hook) and
// not for every read; what a session as a whole may take is its Watchdog's matter.
template <class T>
Task<base::Result<T>> deadline(std::chrono::steady_clock::duration limit, Task<base::Result<T>> work) {
  using boost::asio::experimental::awaitable_operators::operator||;
  if (co_await stop_requested()) co_return Errc::stopped;
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, limit);
  auto first = co_await (std::move(work) || timer.async_wait(use_ec));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  if (co_await stop_requested()) co_return Errc::stopped;
  co_return Errc::timed_out;
}

}  // namespace weir::net
