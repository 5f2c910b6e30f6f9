#include "app/auth/connection_gate.h"

#include <algorithm>

namespace weir::auth {

std::string_view name_of(ConnectionGate::Limit limit) {
  switch (limit) {
    case ConnectionGate::Limit::none:
      return "none";
    case ConnectionGate::Limit::connections:
      return "max_connections";
    case ConnectionGate::Limit::of_address:
      return "max_connections_per_address";
    case ConnectionGate::Limit::rate:
      return "max_new_connections_per_second";
  }
  return "unknown";
}

ConnectionGate::Limit ConnectionGate::enter(const std::string& address, const config::Limits& limits,
                                            Clock::time_point now, std::shared_ptr<const void>& seat) {
  const std::scoped_lock lock(mutex_);
  const auto refuse = [this](Limit limit) {
    ++refused_;
    return limit;
  };
  if (limits.max_connections > 0 && count_ >= limits.max_connections) return refuse(Limit::connections);
  const auto of_address = by_address_.find(address);
  if (limits.max_connections_per_address > 0 && of_address != by_address_.end() &&
      of_address->second >= limits.max_connections_per_address) {
    return refuse(Limit::of_address);
  }
  if (const double rate = limits.max_new_connections_per_second; rate > 0) {
    const double seconds = std::chrono::duration<double>(now - refilled_).count();
    allowance_ = std::min(rate, allowance_ + std::clamp(seconds, 0.0, 1.0) * rate);
    refilled_ = now;
    if (allowance_ < 1) return refuse(Limit::rate);
    allowance_ -= 1;
  }
  ++count_;
  ++by_address_[address];
  // Any address that is not null will do; what counts is the function that runs at the end.
  seat = std::shared_ptr<const void>(this, [this, address](const void*) { leave(address); });
  return Limit::none;
}

void ConnectionGate::leave(const std::string& address) {
  const std::scoped_lock lock(mutex_);
  --count_;
  const auto found = by_address_.find(address);
  if (found != by_address_.end() && --found->second == 0) by_address_.erase(found);
}

std::uint32_t ConnectionGate::value() const {
  const std::scoped_lock lock(mutex_);
  return count_;
}

std::uint64_t ConnectionGate::refused() const {
  const std::scoped_lock lock(mutex_);
  return refused_;
}

}  // namespace weir::auth
