#pragma once

// What coroutines inside net/ and above are written with; for .cpp files and the few headers of net/ that need it.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/error.h"
#include "net/task.h"

namespace weir::net {

// Every Asio operation is awaited with this: errors are values. (A throwing arm beside `||` would sit out its sibling.)
inline constexpr auto use_ec = boost::asio::as_tuple(boost::asio::use_awaitable);

// Asio's word for "cancelled" becomes ours in one place.
inline base::ErrorCode house_error(const base::ErrorCode& error) {
  if (error == boost::asio::error::operation_aborted) return Errc::stopped;
  if (error == boost::asio::error::eof) return Errc::end_of_stream;
  return error;
}

// Sticky: true for ever once the session was told to stop.
inline Task<bool> stop_requested() {
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  co_return state.cancelled() != boost::asio::cancellation_type::none;
}

}  // namespace weir::net
