#include "app/stats/statistics.h"

#include <algorithm>
#include <map>

#include "app/stats/ask.h"
#include "base/digest.h"
#include "base/random.h"

namespace weir::stats {

using base::Result;
using net::Task;
using net::Worker;

namespace {

// Rows that one message asks for: a long page does not hold a worker up.
constexpr std::size_t batch_rows = 256;
constexpr unsigned ticks_between_samples = 12;  // three seconds

}  // namespace

Statistics::Statistics(net::WorkerPool& pool, const std::vector<hub::Hub*>& hubs)
    : pool_(pool), first_(pool[0]), salt_(base::random_text(16)) {
  for (hub::Hub* hub : hubs) {
    const base::WorkerIndex index = hub->worker().index();
    // At once where the catalogue is: whoever was told that a stream is published finds it listed.
    const bool is_first = &hub->worker() == &first_;
    WorkerStats::Announce announce{
        [this, index, is_first](Listing listing) {
          if (is_first) return catalogue_.add(std::move(listing), index);
          first_.post([this, index, listing = std::move(listing)] { catalogue_.add(listing, index); });
        },
        [this, index, is_first](const base::StreamKey& key) {
          if (is_first) return catalogue_.remove(key, index);
          first_.post([this, index, key] { catalogue_.remove(key, index); });
        }};
    workers_.push_back(std::make_unique<WorkerStats>(*hub, std::move(announce)));
  }
  hub::Hub& hub = *hubs.front();
  sampler_.sample(hub.config()->stats, std::chrono::steady_clock::now());
  first_.every_tick([this, &hub] {
    if (++ticks_ % ticks_between_samples == 0) sampler_.sample(hub.config()->stats, std::chrono::steady_clock::now());
  });
}

Statistics::~Statistics() = default;

Task<Result<Page<ClientRow>>> Statistics::clients(Worker& home, Filter filter, std::size_t start, std::size_t count) {
  const std::function<std::size_t(Worker&)> count_of = [this, filter](Worker& worker) {
    return of(worker).client_count(filter);
  };
  CO_TRY(const std::vector<std::size_t> counts, co_await ask_all<std::size_t>(pool_, home, count_of));
  Page<ClientRow> page;
  std::size_t at = start;  // in the worker's own order
  for (std::size_t i = 0; i < counts.size(); ++i) {
    page.total += counts[i];
    while (at < counts[i] && page.rows.size() < count) {
      const std::size_t wanted = std::min({batch_rows, count - page.rows.size(), counts[i] - at});
      const std::function<std::vector<ClientRow>()> slice = [this, i, filter, at, wanted] {
        return workers_[i]->clients(filter, at, wanted);
      };
      CO_TRY(auto rows, co_await ask<std::vector<ClientRow>>(home, pool_[i], slice));
      if (rows.empty()) break;  // they left meanwhile
      at += rows.size();
      std::move(rows.begin(), rows.end(), std::back_inserter(page.rows));
    }
    at = at > counts[i] ? at - counts[i] : 0;
  }
  co_return page;
}

Task<Result<std::optional<ClientRow>>> Statistics::client(Worker& home, base::SessionId id) {
  const std::function<std::optional<ClientRow>(Worker&)> find = [this, id](Worker& worker) {
    return of(worker).client(id);
  };
  CO_TRY(auto found, co_await ask_all<std::optional<ClientRow>>(pool_, home, find));
  for (auto& row : found) {
    if (row) co_return std::move(row);
  }
  co_return std::optional<ClientRow>();
}

Task<Result<std::vector<StreamRow>>> Statistics::stream_rows(Worker& home,
                                                             std::shared_ptr<const std::vector<Listing>> listings) {
  std::vector<StreamRow> rows;
  for (std::size_t from = 0; from < listings->size(); from += batch_rows) {
    const std::size_t to = std::min(listings->size(), from + batch_rows);
    const std::function<std::vector<StreamRow>(Worker&)> shares = [this, listings, from, to](Worker& worker) {
      std::vector<StreamRow> result;
      for (std::size_t i = from; i < to; ++i) result.push_back(of(worker).stream((*listings)[i]));
      return result;
    };
    CO_TRY(auto parts, co_await ask_all<std::vector<StreamRow>>(pool_, home, shares));
    for (std::size_t i = 0; i < to - from; ++i) {
      StreamRow row = std::move(parts[0][i]);
      std::vector<PublishRow> publishers;
      for (std::size_t worker = 1; worker < parts.size(); ++worker) {
        StreamRow& part = parts[worker][i];
        row.clients += part.clients;
        for (std::size_t one = 0; one < row.players.size(); ++one) row.players[one] += part.players[one];
        row.skips += part.skips;
        row.errors += part.errors;
        row.traffic += part.traffic;
        if (part.publish || row.tc_url.empty()) row.tc_url = std::move(part.tc_url);
        if (part.home) row.home = std::move(part.home);
        if (part.publish) publishers.push_back(std::move(*part.publish));
      }
      // Of several inputs the one that is sent on.
      for (PublishRow& one : publishers) {
        if (!row.publish || (row.home && one.client_id == row.home->active)) row.publish = std::move(one);
      }
      rows.push_back(std::move(row));
    }
  }
  co_return rows;
}

Task<Result<Page<StreamRow>>> Statistics::streams(Worker& home, Filter filter, std::size_t start, std::size_t count) {
  // How a stream is published is known where its publisher is: then all are asked for.
  const bool by_type = !filter.type.empty();
  const std::function<Page<Listing>()> list = [this, filter, by_type, start, count] {
    return by_type ? catalogue_.page(filter, 0, catalogue_.size()) : catalogue_.page(filter, start, count);
  };
  CO_TRY(Page<Listing> listed, co_await ask<Page<Listing>>(home, first_, list));
  Page<StreamRow> page;
  page.total = listed.total;
  auto listings = std::make_shared<const std::vector<Listing>>(std::move(listed.rows));
  CO_TRY(page.rows, co_await stream_rows(home, std::move(listings)));
  if (!by_type) co_return page;
  std::erase_if(page.rows, [&](const StreamRow& row) {
    return !row.publish || !filter.admits_type(row.publish->type, row.publish->protocol);
  });
  page.total = page.rows.size();
  page.rows.erase(page.rows.begin(), page.rows.begin() + static_cast<std::ptrdiff_t>(std::min(start, page.total)));
  if (page.rows.size() > count) page.rows.resize(count);
  co_return page;
}

Task<Result<std::optional<StreamRow>>> Statistics::stream(Worker& home, std::string id) {
  const std::function<std::vector<Listing>()> find = [this, id] {
    const Listing* found = catalogue_.find(id);
    return found ? std::vector<Listing>{*found} : std::vector<Listing>{};
  };
  CO_TRY(auto listings, co_await ask<std::vector<Listing>>(home, first_, find));
  if (listings.empty()) co_return std::optional<StreamRow>();
  auto shared = std::make_shared<const std::vector<Listing>>(std::move(listings));
  CO_TRY(auto rows, co_await stream_rows(home, std::move(shared)));
  co_return std::optional<StreamRow>(std::move(rows.front()));
}

Task<Result<std::vector<VhostRow>>> Statistics::vhosts(Worker& home) {
  const std::function<std::vector<VhostRow>(Worker&)> list = [this](Worker& worker) { return of(worker).vhosts(); };
  CO_TRY(auto parts, co_await ask_all<std::vector<VhostRow>>(pool_, home, list));
  std::map<std::string, VhostRow> merged;
  for (const auto& part : parts) {
    for (const VhostRow& row : part) {
      VhostRow& sum = merged[row.name];
      sum.name = row.name;
      sum.clients += row.clients;
      sum.streams += row.streams;
      sum.traffic += row.traffic;
    }
  }
  std::vector<VhostRow> rows;
  rows.reserve(merged.size());
  for (auto& [name, row] : merged) rows.push_back(std::move(row));
  co_return rows;
}

Task<Result<std::vector<WorkerRow>>> Statistics::workers(Worker& home, WorkerStats::Skips skips) {
  const std::function<WorkerRow(Worker&)> totals = [this, skips](Worker& worker) { return of(worker).totals(skips); };
  co_return co_await ask_all<WorkerRow>(pool_, home, totals);
}

Task<Result<std::size_t>> Statistics::stream_count(Worker& home) {
  const std::function<std::size_t()> size = [this] { return catalogue_.size(); };
  co_return co_await ask<std::size_t>(home, first_, size);
}

Task<Result<SystemSample>> Statistics::system(Worker& home) {
  const std::function<SystemSample()> latest = [this] { return sampler_.latest(); };
  co_return co_await ask<SystemSample>(home, first_, latest);
}

Task<Result<WorkerStats::Kick>> Statistics::kick(Worker& home, base::SessionId id, base::ErrorCode why) {
  using Kick = WorkerStats::Kick;
  const std::function<Kick(Worker&)> stop = [this, id, why](Worker& worker) { return of(worker).kick(id, why); };
  CO_TRY(const auto answers, co_await ask_all<Kick>(pool_, home, stop));
  for (const Kick answer : answers) {
    if (answer != Kick::unknown) co_return answer;
  }
  co_return Kick::unknown;
}

Task<Result<std::optional<std::size_t>>> Statistics::kick_stream(Worker& home, std::string id, base::ErrorCode why) {
  const std::function<std::optional<base::StreamKey>()> find = [this, id]() -> std::optional<base::StreamKey> {
    const Listing* found = catalogue_.find(id);
    return found ? std::optional(found->key) : std::nullopt;
  };
  CO_TRY(const auto key, co_await ask<std::optional<base::StreamKey>>(home, first_, find));
  if (!key) co_return std::optional<std::size_t>();
  const std::function<std::size_t(Worker&)> stop = [this, key = *key, why](Worker& worker) {
    return of(worker).kick_stream(key, why);
  };
  CO_TRY(const auto counts, co_await ask_all<std::size_t>(pool_, home, stop));
  std::size_t sum = 0;
  for (const std::size_t one : counts) sum += one;
  co_return std::optional<std::size_t>(sum);
}

std::string Statistics::vhost_id(const std::string& name) const {
  const base::Sha256 digest = base::sha256({base::as_bytes(salt_), base::as_bytes(name)});
  std::string id = "vid-";
  for (std::size_t i = 0; i < 7; ++i) id += "0123456789abcdefghijklmnopqrstuvwxyz"[digest[i] % 36];
  return id;
}

}  // namespace weir::stats
