#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/events/history.h"
#include "app/events/listener.h"
#include "app/events/ring.h"
#include "app/hooks/figures.h"
#include "app/stats/statistics.h"
#include "hub/hub.h"

namespace weir::events {

class Measure;

// Where everything is told and everybody listens. Events go to the first worker, which numbers and keeps them, and from
// there to the workers that have listeners. Made in main after the statistics and before the workers start; lives until
// they have stopped.
class Board {
 public:
  struct Parts {
    net::WorkerPool& pool;
    const std::vector<hub::Hub*>& hubs;
    stats::Statistics& statistics;
    std::string service_id;  // stands in each id, so that those of an earlier process are known as such
    const hooks::Figures* hooks = nullptr;
  };
  explicit Board(const Parts& parts);
  ~Board();
  Board(const Board&) = delete;

  // `data` is JSON. Any thread.
  void tell(std::string_view name, std::string data);
  void tell_reload(int error, const std::string& message);
  // Newcomers are sent elsewhere from now on, or no longer.
  void tell_drain(bool draining);
  // The registry of the cluster is back, or gone and why.
  void tell_registry(bool connected, const std::string& why);
  // A stream that was published here is published at that node now. `stream` as the registry calls it.
  void tell_eviction(const std::string& stream, const std::string& node);
  // Somebody listens, or did within the last minute. Else players are not told of, and the figures are taken every five
  // seconds instead of each second.
  bool wanted() const { return wanted_.load(std::memory_order_relaxed); }

  struct Heard {
    std::string last_event_id;  // events up to this one; empty: none, nothing is repeated
    bool history = false;       // wants the figures of the last five minutes first, and the last events
  };
  // Somebody at `address` listens from now on. On `home`. Null if there is no place for it.
  std::shared_ptr<Listener> join(net::Worker& home, Heard heard, const std::string& address, Places::Limits limits);
  const Figures& figures() const { return figures_; }

 private:
  friend class Measure;
  // The listeners of a worker.
  struct Desk {
    net::Worker* worker = nullptr;
    hub::Hub* hub = nullptr;
    std::atomic<std::uint32_t> count{0};
    std::vector<std::weak_ptr<Listener>> listeners;
    unsigned ticks = 0;
  };
  void observe(hub::Hub& hub);
  void on_event(const hub::Event& event);
  void on_stream(const hub::StreamEvent& event);
  void on_dvr_file(const hub::DvrFile& file);
  void keep(std::string_view name, const std::string& data);
  void spread(const base::SharedBytes& bytes);
  void keep_stats(std::string data);
  void welcome(Desk& desk, std::weak_ptr<Listener> listener, const Heard& heard);
  std::vector<base::SharedBytes> missed_by(const Heard& heard) const;
  static void deliver(Desk& desk, const base::SharedBytes& bytes);
  static void tick(Desk& desk);
  void tick_first();
  std::string id_of(std::uint64_t number) const { return service_id_ + "-" + std::to_string(number); }

  // given
  net::Worker& first_;
  std::string service_id_;

  // owned
  Figures figures_;
  Places places_;
  std::vector<std::unique_ptr<Desk>> desks_;
  std::unique_ptr<Measure> measure_;

  // state; of the first worker
  std::atomic<bool> wanted_{false};
  Ring ring_;
  History history_;
  unsigned ticks_ = 0, idle_ticks_ = 0;
};

}  // namespace weir::events
