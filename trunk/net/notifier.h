#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/task.h"

namespace weir::net {

// Wakes one sleeping coroutine of the same worker. A notification that comes while nobody sleeps is kept: the next wait
// returns at once. Many notifications before a wait are one.
class Notifier {
 public:
  explicit Notifier(boost::asio::io_context& io);

  // Errc::stopped when the session was told to stop.
  Task<base::Result<void>> wait();
  void notify();

 private:
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      timer_;
  bool pending_ = false;
};

}  // namespace weir::net
