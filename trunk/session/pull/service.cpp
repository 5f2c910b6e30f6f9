#include "session/pull/service.h"

#include <algorithm>
#include <set>

#include "config/source_rules.h"
#include "hub/error.h"
#include "net/worker.h"
#include "session/common/upstream/way.h"

namespace weir::session::pull {

Service::Service(hub::Hub& hub, std::size_t workers, upstream::Schemes schemes, const std::string& server,
                 upstream::Health& health)
    : hub_(hub), workers_(workers), schemes_(std::move(schemes)), server_(server), health_(health) {
  hub_.demand().add(*this);
  hub_.worker().every_tick([this] { tick(); });
}

// What says how a stream may be had there; null: nothing does.
std::shared_ptr<const config::Vhost> Service::vhost_of(const hub::Request& wanted) const {
  auto vhost = hub_.config()->match_vhost(wanted.vhost->name);
  if (!vhost || vhost->name != wanted.vhost->name) return nullptr;
  const bool says = std::any_of(vhost->sources.begin(), vhost->sources.end(), [&](const config::Source& source) {
    return source.enabled && source.on_demand && config::applies(source, wanted.app, wanted.stream);
  });
  return says || vhost->cluster.remote || origin_of(wanted) ? vhost : nullptr;
}

std::optional<std::string> Service::origin_of(const hub::Request& wanted) const {
  return elsewhere_ ? elsewhere_->origin_of(wanted) : std::nullopt;
}

bool Service::can_start(const hub::Request& wanted) const {
  return vhost_of(wanted) || (elsewhere_ && elsewhere_->may_have(wanted));
}

void Service::renew(const hub::Request& wanted) {
  give_way(wanted.key());
  if (!start(wanted)) cannot_start(wanted.key(), upstream::Errc::nobody_has);
}

bool Service::start(const hub::Request& wanted) {
  const auto vhost = vhost_of(wanted);
  if (!vhost) return false;
  const base::StreamKey key = wanted.key();
  if (pulls_.contains(key)) return false;  // it is fetched always
  const std::string_view before = wanted.facts.find(upstream::way_fact);
  auto all = on_demand_of(schemes_, vhost, wanted, upstream::way_through(before, server_), origin_of(wanted));
  if (!upstream::may_go_on(before, server_)) all = upstream::Errc::loop;
  if (!all) {
    hub_.worker().post([this, key, why = all.error()] { cannot_start(key, why); });
    return true;
  }
  std::vector<std::shared_ptr<Pull>> pulls;
  for (Wanted& one : *all) pulls.push_back(add(std::move(one), true));
  begin(pulls);
  return !pulls.empty();
}

std::shared_ptr<Pull> Service::add(Wanted wanted, bool on_demand) {
  Pull::Given given{.hub = hub_,
                    .tls = tls_,
                    .request = std::move(wanted.request),
                    .source = std::move(wanted.source),
                    .health = health_,
                    .trust = {},
                    .way = std::move(wanted.way),
                    .on_demand = on_demand};
  given.trust.public_only = given.source.public_only;
  given.gives_up = [this](const Pull& pull, base::ErrorCode why) { return all_refused(pull.key(), why); };
  auto pull = std::make_shared<Pull>(std::move(given));
  cold_ += pull->source().cold;
  pulls_.emplace(pull->key(), pull);
  return pull;
}

// All are there before the first begins: it may fail at once.
void Service::begin(const std::vector<std::shared_ptr<Pull>>& pulls) {
  for (const auto& pull : pulls) {
    if (pull->source().cold) {
      pull->rest(State::standby);
    } else {
      pull->begin();
    }
  }
  for (const auto& pull : pulls) {
    const auto [first, last] = pulls_.equal_range(pull->key());
    tend(first, last);
  }
}

Service::Pulls::iterator Service::end(Pulls::iterator pull, base::ErrorCode why) {
  pull->second->end(why);
  done_ += pull->second->work();
  cold_ -= pull->second->source().cold;
  return pulls_.erase(pull);
}

void Service::end_on_demand(const base::StreamKey& key, base::ErrorCode why) {
  for (auto it = pulls_.lower_bound(key); it != pulls_.end() && it->first == key;) {
    it = it->second->on_demand() ? end(it, why) : std::next(it);
  }
}

void Service::stop(const base::StreamKey& key) { end_on_demand(key, upstream::Errc::not_wanted); }

// By the rule of Hub::unpublish the stream waits for who comes next, as for a publisher who was cut off.
void Service::give_way(const base::StreamKey& key) { end_on_demand(key, hub::Errc::taken_over); }

// Of a pull's own attempt, which holds it. Where a stream has several, those that were refused try again as long as one
// was not.
bool Service::all_refused(const base::StreamKey& key, base::ErrorCode why) {
  const auto [first, last] = pulls_.equal_range(key);
  if (!std::all_of(first, last, [](const auto& entry) { return entry.second->refused(); })) {
    tend(first, last);
    return false;
  }
  stop(key);
  cannot_start(key, why);
  return true;
}

void Service::cannot_start(const base::StreamKey& key, base::ErrorCode why) {
  ++failed_starts_;
  hub_.cannot_start(key, why);
}

// What the configuration says of this worker's streams, and of those that are fetched as somebody wants them.
std::vector<Service::Now> Service::wanted_now() const {
  std::vector<Now> all;
  for (Wanted& one : always_of(schemes_, *hub_.config())) {
    const std::size_t worker = std::hash<base::StreamKey>{}(one.request.key()) % workers_;
    if (worker == static_cast<std::size_t>(hub_.worker().index())) all.push_back({std::move(one), false});
  }
  for (auto it = pulls_.begin(); it != pulls_.end(); it = pulls_.upper_bound(it->first)) {
    if (!it->second->on_demand() || it->second->source().name.empty()) continue;
    const auto vhost = hub_.config()->match_vhost(it->first.vhost);
    if (!vhost || vhost->name != it->first.vhost) continue;
    auto wanted = on_demand_of(schemes_, vhost, it->second->request(), it->second->way());
    if (!wanted) continue;
    for (Wanted& one : *wanted) all.push_back({std::move(one), true});
  }
  return all;
}

void Service::settings_changed() {
  std::vector<Now> wanted = wanted_now();
  std::set<base::StreamKey> ended;
  for (auto it = pulls_.begin(); it != pulls_.end();) {
    const Pull& pull = *it->second;
    const auto found = std::find_if(wanted.begin(), wanted.end(), [&](const Now& now) {
      return now.on_demand == pull.on_demand() && pull.source().text == now.one.source.text &&
             pull.key() == now.one.request.key();
    });
    if (found != wanted.end()) {
      wanted.erase(found);
      ++it;
      continue;
    }
    // What an edge fetches goes on as long as somebody wants it.
    if (pull.on_demand() && pull.source().name.empty()) {
      ++it;
      continue;
    }
    if (pull.on_demand()) ended.insert(it->first);
    it = end(it, upstream::Errc::not_wanted);
  }
  std::vector<std::shared_ptr<Pull>> pulls;
  for (Now& now : wanted) pulls.push_back(add(std::move(now.one), now.on_demand));
  begin(pulls);
  for (const base::StreamKey& key : ended) {
    if (!pulls_.contains(key)) cannot_start(key, upstream::Errc::nowhere);
  }
}

std::size_t Service::command(Command what, const base::StreamKey& key, const std::string& name) {
  const auto [first, last] = pulls_.equal_range(key);
  const auto is_meant = [&](const Pull& pull) { return name.empty() || pull.source().name == name; };
  const auto count =
      static_cast<std::size_t>(std::count_if(first, last, [&](const auto& one) { return is_meant(*one.second); }));
  if (count == 0) return 0;
  for (auto it = first; it != last; ++it) {
    Pull& pull = *it->second;
    if (what == Command::pin) pull.set_pinned(is_meant(pull));
    if (!is_meant(pull)) continue;
    if (what == Command::unpin) pull.set_pinned(false);
    if (what == Command::stop) pull.rest(State::stopped);
    if (what == Command::start && pull.state() == State::stopped) {
      pull.source().cold ? pull.rest(State::standby) : pull.begin();
    }
  }
  tend(first, last);
  return count;
}

void Service::tick() {
  if (cold_ == 0 || hub_.draining()) return;
  for (auto it = pulls_.begin(); it != pulls_.end();) {
    const auto next = pulls_.upper_bound(it->first);
    tend(it, next);
    it = next;
  }
}

// Of one stream.
void Service::tend(Pulls::iterator first, Pulls::iterator last) {
  if (std::none_of(first, last, [](const auto& one) { return one.second->source().cold; })) return;
  candidates_.clear();
  for (auto it = first; it != last; ++it) candidates_.push_back(it->second->candidate());
  const auto standing = hub_.directory().standing(first->first);
  const auto patience = first->second->request().vhost->publish.input_timeout;
  for (std::size_t i = 0; first != last; ++first, ++i) {
    const Step step = step_of(candidates_, i, standing, patience);
    if (step == Step::begin) first->second->begin();
    if (step == Step::rest) first->second->rest(State::standby);
    if (step != Step::stay) candidates_[i] = first->second->candidate();
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
