#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "net/coroutine.h"

namespace weir::net {

using boost::asio::experimental::awaitable_operators::operator||;

// One of two tasks that run beside each other, `beside(a) || beside(b)`: the one that is told to end says so by its
// result, as a session does.
template <class T>
Task<T> beside(Task<T> work) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_return co_await std::move(work);
}

}  // namespace weir::net
