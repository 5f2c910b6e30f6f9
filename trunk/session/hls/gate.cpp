#include "session/hls/gate.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace weir::session::hls {

namespace {

constexpr double refill_seconds = 10;  // until an address that spent its allowance has all of it again

}  // namespace

std::string neighbourhood_of(const std::string& address) {
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return address;
  static constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) return address;  // an IPv4 client
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return std::string(text.data()) + "/64";
}

Gate::Answer Gate::enter(const std::string& address, const Limits& limits, Clock::time_point now,
                         std::unique_ptr<Seat>& seat) {
  std::string neighbourhood = neighbourhood_of(address);
  const std::scoped_lock lock(mutex_);
  forget_some(now);
  const auto refuse = [this](Answer why) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return why;
  };
  if (limits.proven > 0 && proven_ >= limits.proven) return refuse(Answer::full);
  const double most = limits.per_address;
  auto [found, is_new] = addresses_.try_emplace(neighbourhood);
  Address& of = found->second;
  if (is_new) of = {0, most, now};
  if (limits.per_address > 0) {
    if (of.sessions >= limits.per_address) return refuse(Answer::address_full);
    const double seconds = std::chrono::duration<double>(now - of.refilled).count();
    of.allowance = std::min(most, of.allowance + std::max(0.0, seconds) * most / refill_seconds);
    of.refilled = now;
    if (of.allowance < 1) return refuse(Answer::too_fast);
    of.allowance -= 1;
  }
  ++of.sessions;
  seat = std::make_unique<Seat>(*this, std::move(neighbourhood));
  return Answer::welcome;
}

void Gate::Seat::prove() {
  if (proven_) return;
  proven_ = true;
  const std::scoped_lock lock(gate_.mutex_);
  ++gate_.proven_;
}

void Gate::leave(const std::string& neighbourhood, bool proven) {
  const std::scoped_lock lock(mutex_);
  proven_ -= proven;
  const auto found = addresses_.find(neighbourhood);
  if (found != addresses_.end() && --found->second.sessions == 0) leaving_.push_back(neighbourhood);
}

// One session ends for each that begins, so looking at two keeps up. What an address has spent is remembered until it
// would have it again anyway.
void Gate::forget_some(Clock::time_point now) {
  for (int looks = 0; looks < 2 && !leaving_.empty(); ++looks) {
    const auto found = addresses_.find(leaving_.front());
    const bool idle = found != addresses_.end() && found->second.sessions == 0;
    if (idle && now - found->second.refilled < std::chrono::duration<double>(refill_seconds)) return;
    if (idle) addresses_.erase(found);
    leaving_.pop_front();
  }
}

std::size_t Gate::addresses() const {
  const std::scoped_lock lock(mutex_);
  return addresses_.size();
}

}  // namespace weir::session::hls
