#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>

#include "app/cluster/answer.h"
#include "app/registry/own_streams.h"
#include "app/registry/registry.h"
#include "hub/hub.h"
#include "session/pull/service.h"

namespace weir::registry {

// What one worker asks of the registry: a rule of its hub's admission, and the pulls of streams that other servers
// have. Virtual hosts with `mode remote` take no part: they have origins. Made before the workers start, with the
// Registry, whose life it shares; all but worker() is called on its worker.
class Door final : public session::pull::Elsewhere {
 public:
  // Streams that are watched for those who want them; the players of more are told what is known when they come.
  static constexpr std::size_t most_watched = 10'000;

  Door(hub::Hub& hub, Registry& registry, session::pull::Service& pulls);
  Door(const Door&) = delete;

  net::Worker& worker() const { return hub_.worker(); }

  // Where a stream is that is not here; none: nobody has it, or it is here. From now on it is watched, and fetched when
  // it comes. upstream::Errc::nobody_has for players who ask again anyhow. `request` outlives the task.
  net::Task<base::Result<std::optional<cluster::Origin>>> find(net::Life& life, const hub::Request& request);

  // The server that a newcomer had better go to instead of this one. `request` outlives the task.
  net::Task<base::Result<std::optional<cluster::Origin>>> choose(net::Life& life, const hub::Request& request);

  // Of the registry.
  void learn(const base::StreamKey& key, const Whereabouts& where);
  // Nobody publishes here what was published here; perhaps another server has it, now or later.
  void lost(const base::StreamKey& key);
  // Somebody publishes it here.
  void let_go(const base::StreamKey& key);

  std::optional<std::string> origin_of(const hub::Request& wanted) const override;
  bool may_have(const hub::Request& wanted) const override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Place {
    std::string node;
    cluster::Origin at;
  };
  struct Watched {
    hub::Request request;  // of who wanted it first
    std::optional<Place> place;
    std::string from;  // the node that it is fetched from, if it is
    Clock::time_point wanted{};
  };
  struct Claiming;
  class Held;
  net::Task<base::Result<void>> admit(net::Life& life, const hub::Request& request, hub::Action action,
                                      hub::Permit& permit);
  net::Task<void> make_room(const base::StreamKey& key);
  std::optional<Place> place_of(const Whereabouts& where) const;
  Watched* watch(const hub::Request& request);
  void begin(const base::StreamKey& key, Watched& watched);
  bool is_wanted(const base::StreamKey& key) const;
  void tick();

  // given
  hub::Hub& hub_;
  Registry& registry_;
  session::pull::Service& pulls_;

  // owned
  OwnStreams own_;

  // state
  std::unordered_map<base::StreamKey, Watched> watched_;
  unsigned ticks_ = 0;
};

}  // namespace weir::registry
