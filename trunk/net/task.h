#pragma once

// The only place from which headers take Asio's coroutine type.
#include <boost/asio/awaitable.hpp>

#include "base/result.h"

namespace weir::net {

template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace weir::net
