#include "app/auth/quotas.h"

#include "hub/error.h"

namespace weir::auth {

using base::Result;

struct Quotas::Seat final : hub::Hold {
  Seat(Quotas& of, const hub::Request& request, hub::Action what)
      : quotas(of), host(request.vhost->name), address(request.peer.address), key(request.key()), action(what) {}
  ~Seat() override { quotas.give_back(*this); }

  Quotas& quotas;
  std::string host, address;
  base::StreamKey key;
  hub::Action action;
};

Result<std::unique_ptr<hub::Hold>> Quotas::take(const hub::Request& request, hub::Action action,
                                                const config::StreamLimits& limits) {
  const auto full = [](std::uint32_t most, std::uint32_t count) { return most > 0 && count >= most; };
  const bool plays = action == hub::Action::play;
  const base::StreamKey key = request.key();
  {
    const std::scoped_lock lock(mutex_);
    Host& host = hosts_[request.vhost->name];
    const auto of_address = host.by_address.find(request.peer.address);
    const auto of_stream = players_.find(key);
    if (full(limits.max_connections_per_address, of_address == host.by_address.end() ? 0 : of_address->second) ||
        (!plays && full(limits.max_streams, host.publishers)) || (plays && full(limits.max_players, host.players)) ||
        (plays && full(limits.max_players_per_stream, of_stream == players_.end() ? 0 : of_stream->second))) {
      ++refused_;
      return hub::Errc::limit;
    }
    ++host.by_address[request.peer.address];
    ++(plays ? host.players : host.publishers);
    if (plays) ++players_[key];
  }
  return std::unique_ptr<hub::Hold>(std::make_unique<Seat>(*this, request, action));
}

void Quotas::give_back(const Seat& seat) {
  const auto less = [](auto& counts, const auto& key) {
    const auto found = counts.find(key);
    if (found != counts.end() && --found->second == 0) counts.erase(found);
  };
  const std::scoped_lock lock(mutex_);
  Host& host = hosts_[seat.host];  // virtual hosts are few, and stay
  less(host.by_address, seat.address);
  --(seat.action == hub::Action::play ? host.players : host.publishers);
  if (seat.action == hub::Action::play) less(players_, seat.key);
}

std::uint32_t Quotas::players(const base::StreamKey& key) const {
  const std::scoped_lock lock(mutex_);
  const auto found = players_.find(key);
  return found == players_.end() ? 0 : found->second;
}

std::uint64_t Quotas::refused() const {
  const std::scoped_lock lock(mutex_);
  return refused_;
}

}  // namespace weir::auth
