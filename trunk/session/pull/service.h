#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/demand.h"
#include "hub/hub.h"
#include "session/pull/pull.h"

namespace weir::session::pull {

enum class Command { start, stop, pin, unpin };

// Who else has streams: servers that no configuration names. On the worker of whoever asks.
class Elsewhere {
 public:
  virtual ~Elsewhere() = default;
  // "host:port" of its RTMP; none: of nobody is known that he has it.
  virtual std::optional<std::string> origin_of(const hub::Request& wanted) const = 0;
  // Whether it is worth waiting for: somebody has it, or nobody was asked yet.
  virtual bool may_have(const hub::Request& wanted) const = 0;
};

// Fetches the streams of one worker: those of an edge (`cluster { mode remote; }`) and of a `source` on demand while
// somebody wants them; those of any other `source`, and of each `ingest` that names a URL and no program, always. Of
// several sources of one stream the hot ones are fetched, and a cold one while nothing better is alive: step_of(). Made
// before the worker starts, then used on it.
class Service final : public hub::Starter {
 public:
  // `server` is what this one is called in the way that a request came (common/upstream/way.h); `health` is that of all
  // workers.
  Service(hub::Hub& hub, std::size_t workers, upstream::Schemes schemes, const std::string& server,
          upstream::Health& health);
  Service(const Service&) = delete;

  bool start(const hub::Request& wanted) override;
  bool can_start(const hub::Request& wanted) const override;
  void stop(const base::StreamKey& key) override;
  // At the start and after a reload: what is to be fetched always begins, what is no longer configured ends.
  void settings_changed();
  // Asked about what is wanted and neither a `source` nor an origin brings. Before the worker starts; outlives this.
  void look_elsewhere(const Elsewhere& elsewhere) { elsewhere_ = &elsewhere; }
  // What was found elsewhere is somewhere else now: it goes on from there, and who plays it goes on with it.
  void renew(const hub::Request& wanted);
  // Somebody publishes here what is fetched on demand: who plays it goes on with him.
  void give_way(const base::StreamKey& key);
  // Of an operator, for one source of a stream by its name, or for all of them; one alone is pinned. For how many it
  // was: none if there is none such on this worker.
  std::size_t command(Command what, const base::StreamKey& key, const std::string& name);

  std::vector<Row> rows() const;
  Totals totals() const;

 private:
  // A stream may have several, in the order in which they are configured.
  using Pulls = std::multimap<base::StreamKey, std::shared_ptr<Pull>>;
  struct Now {
    Wanted one;
    bool on_demand = false;
  };
  std::shared_ptr<const config::Vhost> vhost_of(const hub::Request& wanted) const;
  std::optional<std::string> origin_of(const hub::Request& wanted) const;
  std::shared_ptr<Pull> add(Wanted wanted, bool on_demand);
  void begin(const std::vector<std::shared_ptr<Pull>>& pulls);
  Pulls::iterator end(Pulls::iterator pull, base::ErrorCode why);
  void end_on_demand(const base::StreamKey& key, base::ErrorCode why);
  bool all_refused(const base::StreamKey& key, base::ErrorCode why);
  void cannot_start(const base::StreamKey& key, base::ErrorCode why);
  std::vector<Now> wanted_now() const;
  void tick();
  void tend(Pulls::iterator first, Pulls::iterator last);

  // given
  hub::Hub& hub_;
  std::size_t workers_;
  upstream::Schemes schemes_;
  const std::string& server_;
  upstream::Health& health_;
  const Elsewhere* elsewhere_ = nullptr;

  // owned
  upstream::TlsClients tls_;
  Pulls pulls_;

  // state
  std::vector<Candidate> candidates_;  // while one stream's are looked at
  std::size_t cold_ = 0;               // of the pulls
  Work done_;                          // by those that are over
  std::uint64_t failed_starts_ = 0;
};

}  // namespace weir::session::pull
