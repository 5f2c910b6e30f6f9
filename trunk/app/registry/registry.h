#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/cluster/balance.h"
#include "app/cluster/membership.h"
#include "app/cluster/node.h"
#include "app/cluster/readiness.h"
#include "app/events/board.h"
#include "app/registry/engine.h"
#include "app/registry/figures.h"
#include "app/stats/statistics.h"
#include "hub/hub.h"
#include "net/worker_pool.h"

namespace weir::registry {

class Door;

// What a server of the cluster is told of a stream.
struct Whereabouts {
  std::optional<cluster::Holder> holder;  // none: nobody has it
  std::optional<cluster::Node> node;      // the holder's record; none where that cannot be read
  bool sure = true;                       // false: the registry is gone, and this was known last
};

// This server's part in the cluster: of the process, on the first worker, where everything is called unless it says
// otherwise. Made before the workers start when the configuration has a registry; lives until they have stopped.
class Registry {
 public:
  struct Given {
    net::WorkerPool& pool;
    const hub::Hub::Peers& hubs;
    stats::Statistics& statistics;
    cluster::Readiness& readiness;
    events::Board& events;
    std::string address;  // of this machine, to be told where none is advertised
  };
  static constexpr std::size_t most_listed = 1'000;  // streams that the API lists

  // The doors are added before the workers start.
  Registry(Given given, const config::Config& config);
  ~Registry();
  Registry(const Registry&) = delete;
  void add(Door& door) { doors_.push_back(&door); }

  // Begins to speak with it. On any thread, after the workers have started. Where TLS is wanted and its files cannot
  // be read the sentence says so, and it does not begin.
  bool start(std::string& reason);
  // The server stops: what it holds is free for others.
  void leave();

  // `then` is called once, here: granted with an epoch, or not: `elsewhere` names the holder, and is empty where the
  // registry is gone. Each claim that was granted is released with its epoch.
  struct Claimed {
    std::optional<std::uint64_t> epoch;
    std::string elsewhere;
  };
  void claim(const std::string& key, std::function<void(Claimed)> then);
  void release(const std::string& key, std::uint64_t epoch);
  // The same of a stream that no client publishes: it goes on here, whoever has it for the others.
  void claim_own(const std::string& key, std::function<void(Claimed)> then);
  void release_own(const std::string& key, std::uint64_t epoch);
  void find(const std::string& key, std::function<void(const Whereabouts&)> then);
  // The server that a viewer of the stream had better go to, `without` that one; none: there is none. `then` is called
  // once, here.
  struct Choice {
    cluster::Node node;
    bool has_stream = false;
    double score = 0;
  };
  void choose(const std::string& key, const std::string& region, const std::string& without,
              std::function<void(const std::optional<Choice>&)> then);
  // What becomes of the stream is told to all doors, until it was unfollowed as often.
  void follow(const std::string& key);
  // A publisher has it here: what is fetched under its name ends, on all workers.
  void come_home(const base::StreamKey& key);
  void unfollow(const std::string& key);

  void count_moved() { ++figures_.moved; }  // any thread, as is the next
  const Figures& figures() const { return figures_; }
  const std::string& name() const { return self_.name; }  // any thread
  const std::string& region() const { return settings_.region; }
  net::Worker& worker() const { return given_.pool[0]; }

  struct Claim {
    std::string key;
    std::uint64_t epoch = 0;
    bool sure = false;
  };
  struct State {
    std::string prefix, node, instance, address, fault;  // why it is not connected
    bool connected = false;
    std::vector<cluster::Node> nodes;  // as they said a moment ago
    std::vector<Claim> claims;         // of this node, `most_listed` at most
    std::size_t claim_count = 0;
  };
  State state() const;
  const std::vector<cluster::Node>& nodes() const { return nodes_; }

 private:
  using Membership = cluster::Membership;
  void tick();
  net::Task<void> report(net::Life& life);
  // Hands on what the rules want to ask, and what they have to say.
  void pump();
  void take(const Membership::Granted& event);
  void take(const Membership::Denied& event);
  void take(const Membership::Evicted& event);
  void take(const Membership::Found& event);
  void take(const Membership::Listed& event);
  void take(const Membership::Rival& event);
  void take(const Membership::Follow& event);
  void up();
  void down(const std::string& why);
  void hear(const cluster::Answer& answer, const std::string& fault);
  void tell_lost(const std::string& text);
  void answer_claims(const std::string& key, const Claimed& claimed);
  log::Context who() const { return {worker().logger(), {}, {}}; }

  // given
  Given given_;
  std::vector<Door*> doors_;
  config::Registry settings_;
  cluster::Node self_;

  // owned
  Figures figures_;
  Membership rules_;
  std::unique_ptr<net::TlsContext> tls_;
  std::unique_ptr<Engine> engine_;

  // state
  std::unordered_map<std::uint64_t, base::Instant> asked_;  // and when
  std::unordered_map<std::string, std::vector<std::function<void(Claimed)>>> claiming_;
  std::unordered_map<std::string, std::vector<std::function<void(const Whereabouts&)>>> finding_;
  std::map<std::string, std::size_t> followed_;
  std::map<std::string, Claim> claims_;
  std::map<std::string, std::size_t> own_;  // of these, those of no client
  std::vector<cluster::Node> nodes_;
  cluster::Balance balance_;
  std::string fault_;
  base::Instant next_report_{};
  bool reporting_ = false, pumping_ = false, told_down_ = false, started_ = false;
  std::uint64_t sent_before_ = 0;
  base::Instant sent_at_{};
};

}  // namespace weir::registry
