#include "net/patience.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/scope_exit.h"

namespace weir::net {

void Patience::begin() {
  if (std::exchange(begun_, true)) return;
  boost::asio::post(static_cast<boost::asio::io_context&>(loop_), [this] { serve(); });
}

void Patience::serve() {
  begun_ = false;
  const base::ScopeExit again([this] {
    if (!waiting_.empty()) begin();
  });
  // Who comes back meanwhile waits for the next time round.
  const auto until = Clock::now() + longest;
  for (std::size_t left = waiting_.size(); left > 0; --left) {
    const std::unique_ptr<Waiting> next = std::move(waiting_.front());
    waiting_.pop_front();
    next->go();
    if (Clock::now() >= until) return;
  }
}

}  // namespace weir::net
