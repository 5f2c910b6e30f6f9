#include "session/forward/service.h"

#include <algorithm>

#include "base/redact.h"
#include "config/source_rules.h"
#include "net/worker.h"
#include "session/common/upstream/error.h"
#include "session/common/upstream/way.h"

namespace weir::session::forward {

namespace {

// Of one of these URLs, told without what variables stand for.
base::Result<upstream::Destination> destination_of(std::span<const std::string> urls, const config::AsWritten& written,
                                                   std::size_t number, const hub::Request& request,
                                                   std::string_view way) {
  TRY(upstream::Destination destination, upstream::destination_of(urls[number], request, way));
  if (!written.secrets.empty()) {
    destination.shown = base::shown(config::written_url(urls, written, number));
    destination.secrets.insert(destination.secrets.end(), written.secrets.begin(), written.secrets.end());
  }
  return destination;
}

}  // namespace

Service::Service(hub::Hub& hub, Shared& shared, const upstream::SrtLine& srt, const upstream::RistLine& rist,
                 net::BlockingPool& files)
    : hub_(hub), shared_(shared), srt_(srt), rist_(rist), files_(files), names_(hub.worker()) {
  hub_.events().observe_streams([this](const hub::StreamEvent& event) { observe(event); });
}

void Service::ask_backend_with(AskBackend ask) {
  hub_.admission().add([this, ask = std::move(ask)](net::Life& life, const hub::Request& request, hub::Action action,
                                                    hub::Permit& permit) -> net::Task<base::Result<void>> {
    const config::Forward& settings = request.vhost->forward;
    if (action != hub::Action::publish || !settings.enabled || settings.backend.empty()) {
      co_return base::Result<void>();
    }
    auto targets = co_await ask(life, request);
    if (!targets) co_return hub::Errc::refused;  // the publisher is not told what went wrong there
    permit.hold(shared_.answers.keep(life.id(), *std::move(targets)));
    co_return base::Result<void>();
  });
}

void Service::observe(const hub::StreamEvent& event) {
  using Kind = hub::StreamEvent::Kind;
  if (event.kind == Kind::began) return begin(event.stream);
  const auto found = entries_.find(event.stream.key());
  if (found == entries_.end()) return;
  // What a backend said of the publisher that goes on with it counts at the next reload.
  if (event.kind == Kind::resumed || event.kind == Kind::switched) found->second.publisher = event.stream.origin().id;
  if (event.kind != Kind::ended) return;
  for (const auto& push : found->second.pushes) {
    push->finish();
    drop(*push);
  }
  entries_.erase(found);
}

void Service::begin(hub::Stream& stream) {
  const hub::InputOrigin& origin = stream.origin();
  if (!origin.request || !origin.request->facts.find(upstream::on_demand_fact).empty()) return;
  Entry entry{.request = origin.request, .publisher = origin.id, .pushes = {}};
  for (Wanted& wanted : wanted_of(entry)) begin(entry, std::move(wanted));
  entries_[stream.key()] = std::move(entry);
}

void Service::begin(Entry& entry, Wanted wanted) {
  const std::string_view way = entry.request->facts.find(upstream::way_fact);
  const bool circles = !upstream::may_go_on(way, shared_.server);
  Push::Given given{.hub = hub_,
                    .tls = tls_,
                    .srt = srt_,
                    .rist = rist_,
                    .names = names_,
                    .files = files_,
                    .places = shared_.places,
                    .request = entry.request,
                    .destination = std::move(wanted.destination),
                    .trust = std::move(wanted.trust),
                    .way = upstream::way_through(way, shared_.server),
                    .name = std::move(wanted.name),
                    .by_api = wanted.by_api,
                    .circles = circles,
                    .audio = std::move(wanted.audio)};
  if (wanted.origins) {
    given.health = &shared_.health;
    given.nobody_takes = [&hub = hub_, key = entry.request->key()](base::ErrorCode why) {
      hub.kick_publisher(key, why);
    };
  }
  auto push = std::make_shared<Push>(std::move(given));
  entry.pushes.push_back(push);
  if (circles) complain(entry, push->shown(), upstream::Errc::loop);
  if (push->commandable() && shared_.stopped.has(entry.request->key(), push->id())) return push->stop();
  push->begin();
}

// What a push still sends when its stream has ended is not counted.
void Service::drop(const Push& push) { done_ += push.work(); }

void Service::complain(const Entry& entry, const std::string& target, base::ErrorCode why) {
  log::error({hub_.worker().logger(), entry.publisher, {}}, "forward of {} to {}: {}", entry.request->url(),
             base::shown(target), why.message());
}

std::vector<Service::Wanted> Service::wanted_of(const Entry& entry) {
  const hub::Request& request = *entry.request;
  auto vhost = hub_.config()->match_vhost(request.vhost->name);
  if (!vhost || vhost->name != request.vhost->name) vhost = request.vhost;
  const config::Forward& settings = vhost->forward;
  const std::string way = upstream::way_through(request.facts.find(upstream::way_fact), shared_.server);
  std::vector<Wanted> all;
  const auto add = [&](const std::string& text, base::Result<upstream::Destination> destination, upstream::Trust trust,
                       bool origins = false) {
    if (!destination) return complain(entry, text, destination.error());
    const bool known = std::any_of(all.begin(), all.end(),
                                   [&](const Wanted& one) { return one.destination.text == destination->text; });
    if (!known && all.size() < most_targets) all.push_back({*std::move(destination), std::move(trust), origins});
  };
  if (settings.enabled) {
    const auto said = shared_.answers.find(entry.publisher);
    if (said && !said->empty()) {
      for (const std::string& text : *said) add(text, upstream::destination_of(text, request, way), {});
    } else {
      for (std::size_t i = 0; i < settings.destination.size(); ++i) {
        add(config::written_url(settings.destination, settings.written, i),
            destination_of(settings.destination, settings.written, i, request, way), {});
      }
    }
  }
  for (const config::Push& push : vhost->pushes) {
    if (!push.enabled || !config::applies(push, request.app, request.stream)) continue;
    const std::size_t before = all.size();
    add(config::written_url(config::urls_of(push), push.written, 0),
        destination_of(config::urls_of(push), push.written, 0, request, way), {.public_only = push.public_only});
    if (all.size() == before) continue;
    all.back().name = config::name_of(push);
    all.back().by_api = push.by_api;
    all.back().audio = push.audio;
  }
  if (vhost->cluster.remote && request.origin == hub::Origin::client) {
    add("an origin", upstream::origins_of(vhost->cluster, request, "publish", way), {}, true);
  }
  return all;
}

void Service::settings_changed() {
  for (auto& [key, entry] : entries_) {
    std::vector<Wanted> wanted = wanted_of(entry);
    const auto is_for = [](const Push& push, const Wanted& one) {
      return push.text() == one.destination.text && push.trust() == one.trust && push.name() == one.name;
    };
    std::erase_if(entry.pushes, [&](const std::shared_ptr<Push>& push) {
      if (std::any_of(wanted.begin(), wanted.end(), [&](const Wanted& one) { return is_for(*push, one); }))
        return false;
      push->end();
      shared_.stopped.set(key, push->id(), false);
      drop(*push);
      return true;
    });
    for (Wanted& one : wanted) {
      const bool runs = std::any_of(entry.pushes.begin(), entry.pushes.end(),
                                    [&](const std::shared_ptr<Push>& push) { return is_for(*push, one); });
      if (!runs) begin(entry, std::move(one));
    }
  }
}

std::size_t Service::command(Command what, const base::StreamKey& key, const std::string& name) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return 0;
  std::size_t count = 0;
  for (const auto& push : found->second.pushes) {
    if (!push->commandable() || (!name.empty() && push->name() != name)) continue;
    ++count;
    shared_.stopped.set(key, push->id(), what == Command::stop);
    what == Command::stop ? push->stop() : push->start();
  }
  return count;
}

std::vector<Row> Service::rows() const {
  std::vector<Row> rows;
  for (const auto& [key, entry] : entries_) {
    for (const auto& push : entry.pushes) rows.push_back(push->row());
  }
  return rows;
}

Totals Service::totals() const {
  Totals totals{.in_state = {}, .work = done_};
  for (const auto& [key, entry] : entries_) {
    for (const auto& push : entry.pushes) {
      ++totals.in_state[static_cast<std::size_t>(push->state())];
      totals.work += push->work();
    }
  }
  return totals;
}

}  // namespace weir::session::forward
