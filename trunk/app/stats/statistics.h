#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/stats/catalogue.h"
#include "app/stats/rows.h"
#include "app/stats/system_sampler.h"
#include "app/stats/worker_stats.h"
#include "hub/hub.h"
#include "net/worker_pool.h"

namespace weir::stats {

// What the server knows of itself, over all workers. Made in main after the Hubs and before the workers start; lives
// until they have stopped. The tasks are awaited on `home`, any worker; they ask the others by message and fail only
// with net::Errc::stopped.
//
//   CO_TRY(auto page, co_await statistics.clients(home, {}, 0, 10));
class Statistics {
 public:
  Statistics(net::WorkerPool& pool, const std::vector<hub::Hub*>& hubs);
  ~Statistics();
  Statistics(const Statistics&) = delete;

  // Before the workers start.
  void describe_rtc(base::WorkerIndex worker, WorkerStats::DescribeRtc describe) {
    workers_[static_cast<std::size_t>(worker)]->describe_rtc(std::move(describe));
  }

  // In a stable order: worker by worker, then by id. Costs what it returns, unless there is a filter.
  net::Task<base::Result<Page<ClientRow>>> clients(net::Worker& home, Filter filter, std::size_t start,
                                                   std::size_t count);
  net::Task<base::Result<std::optional<ClientRow>>> client(net::Worker& home, base::SessionId id);
  // In order of their ids.
  net::Task<base::Result<Page<StreamRow>>> streams(net::Worker& home, Filter filter, std::size_t start,
                                                   std::size_t count);
  net::Task<base::Result<std::optional<StreamRow>>> stream(net::Worker& home, std::string id);
  // In order of their names: those that have seen a session.
  net::Task<base::Result<std::vector<VhostRow>>> vhosts(net::Worker& home);
  net::Task<base::Result<std::vector<WorkerRow>>> workers(net::Worker& home,
                                                          WorkerStats::Skips skips = WorkerStats::Skips::left_out);
  net::Task<base::Result<std::size_t>> stream_count(net::Worker& home);
  net::Task<base::Result<SystemSample>> system(net::Worker& home);

  net::Task<base::Result<WorkerStats::Kick>> kick(net::Worker& home, base::SessionId id, base::ErrorCode why);
  // How many sessions were told to end; none if there is no such stream.
  net::Task<base::Result<std::optional<std::size_t>>> kick_stream(net::Worker& home, std::string id,
                                                                  base::ErrorCode why);

  // As the API calls it: "vid-" and seven characters, the same on all workers as long as the process lives.
  std::string vhost_id(const std::string& name) const;

 private:
  WorkerStats& of(net::Worker& worker) const { return *workers_[static_cast<std::size_t>(worker.index())]; }
  net::Task<base::Result<std::vector<StreamRow>>> stream_rows(net::Worker& home,
                                                              std::shared_ptr<const std::vector<Listing>> listings);

  // given
  net::WorkerPool& pool_;
  net::Worker& first_;  // has the catalogue and the sampler

  // owned
  std::string salt_;
  Catalogue catalogue_;
  SystemSampler sampler_;
  std::vector<std::unique_ptr<WorkerStats>> workers_;
  unsigned ticks_ = 0;
};

}  // namespace weir::stats
