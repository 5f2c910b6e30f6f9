#include "session/pull/service.h"

#include <algorithm>

#include "net/worker.h"
#include "session/common/upstream/way.h"

namespace weir::session::pull {

Service::Service(hub::Hub& hub, std::size_t workers, upstream::Schemes schemes, const std::string& server)
    : hub_(hub), workers_(workers), schemes_(std::move(schemes)), server_(server) {
  hub_.demand().add(*this);
}

bool Service::can_start(const hub::Request& wanted) const {
  const auto vhost = hub_.config()->match_vhost(wanted.vhost->name);
  return vhost && vhost->name == wanted.vhost->name && vhost->cluster.remote;
}

bool Service::start(const hub::Request& wanted) {
  if (!can_start(wanted)) return false;
  const auto vhost = hub_.config()->match_vhost(wanted.vhost->name);
  const base::StreamKey key = wanted.key();
  if (pulls_.contains(key)) return false;  // it is fetched always
  const std::string_view before = wanted.facts.find(upstream::way_fact);
  std::string way = upstream::way_through(before, server_);
  auto source = source_of(schemes_, vhost->cluster, wanted, way);
  if (!upstream::may_go_on(before, server_)) source = upstream::Errc::loop;
  if (!source) {
    hub_.worker().post([this, key, why = source.error()] { cannot_start(key, why); });
    return true;
  }
  hub::Request request = request_of(vhost, wanted.app, wanted.stream);
  request.facts.set(upstream::on_demand_fact, "on");
  begin(std::make_shared<Pull>(
      Pull::Given{.hub = hub_,
                  .tls = tls_,
                  .request = std::move(request),
                  .source = *std::move(source),
                  .health = health_,
                  .way = std::move(way),
                  .on_demand = true,
                  .cannot_start = [this, key](base::ErrorCode why) { cannot_start(key, why); }}));
  return true;
}

void Service::begin(std::shared_ptr<Pull> pull) {
  pulls_[pull->key()] = pull;
  pull->begin();
}

void Service::end(const Pull& pull) { done_ += pull.work(); }

void Service::stop(const base::StreamKey& key) {
  const auto found = pulls_.find(key);
  if (found == pulls_.end() || !found->second->on_demand()) return;
  const std::shared_ptr<Pull> pull = std::move(found->second);
  pulls_.erase(found);
  pull->end();
  end(*pull);
}

// Of a pull's own attempt, which holds it.
void Service::cannot_start(const base::StreamKey& key, base::ErrorCode why) {
  ++failed_starts_;
  if (const auto found = pulls_.find(key); found != pulls_.end()) {
    end(*found->second);
    pulls_.erase(found);
  }
  hub_.cannot_start(key, why);
}

void Service::settings_changed() {
  std::map<base::StreamKey, Always> wanted;
  for (Always& one : always_of(schemes_, *hub_.config())) {
    const base::StreamKey key = one.request.key();
    if (std::hash<base::StreamKey>{}(key) % workers_ != static_cast<std::size_t>(hub_.worker().index())) continue;
    wanted.emplace(key, std::move(one));
  }
  std::erase_if(pulls_, [&](const auto& entry) {
    const std::shared_ptr<Pull>& pull = entry.second;
    const auto found = wanted.find(entry.first);
    if (pull->on_demand() || (found != wanted.end() && found->second.source.text == pull->source().text)) return false;
    pull->end();
    end(*pull);
    return true;
  });
  for (auto& [key, one] : wanted) {
    if (pulls_.contains(key)) continue;
    begin(std::make_shared<Pull>(Pull::Given{.hub = hub_,
                                             .tls = tls_,
                                             .request = std::move(one.request),
                                             .source = std::move(one.source),
                                             .health = health_}));
  }
}

std::vector<Row> Service::rows() const {
  std::vector<Row> rows;
  for (const auto& [key, pull] : pulls_) rows.push_back(pull->row());
  return rows;
}

Totals Service::totals() const {
  Totals totals{.in_state = {}, .failed_starts = failed_starts_, .work = done_};
  for (const auto& [key, pull] : pulls_) {
    ++totals.in_state[static_cast<std::size_t>(pull->state())];
    totals.work += pull->work();
  }
  return totals;
}

}  // namespace weir::session::pull
