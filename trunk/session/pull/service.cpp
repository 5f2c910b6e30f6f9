#include "session/pull/service.h"

#include <algorithm>

#include "base/text.h"
#include "net/worker.h"
#include "session/common/protocol.h"
#include "session/common/upstream/way.h"

namespace weir::session::pull {

namespace {

hub::Request request_of(const std::shared_ptr<const config::Vhost>& vhost, std::string app, std::string stream) {
  hub::Request request;
  request.protocol = protocols::rtmp.id;
  request.role = hub::Role::publish;
  request.origin = hub::Origin::pull;
  request.vhost = vhost;
  request.app = std::move(app);
  request.stream = std::move(stream);
  return request;
}

bool is_same(const upstream::Destination& one, const upstream::Destination& other) { return one.text == other.text; }

}  // namespace

Service::Service(hub::Hub& hub, std::size_t workers) : hub_(hub), workers_(workers) { hub_.demand().add(*this); }

bool Service::start(const hub::Request& wanted) {
  const auto vhost = hub_.config()->match_vhost(wanted.vhost->name);
  if (!vhost || vhost->name != wanted.vhost->name || !vhost->cluster.remote) return false;
  const base::StreamKey key = wanted.key();
  if (pulls_.contains(key)) return false;  // it is fetched always
  auto source = upstream::origins_of(vhost->cluster, wanted);
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
  for (Always& one : always_of(*hub_.config())) {
    const base::StreamKey key = one.request.key();
    if (std::hash<base::StreamKey>{}(key) % workers_ != static_cast<std::size_t>(hub_.worker().index())) continue;
    wanted.emplace(key, std::move(one));
  }
  std::erase_if(pulls_, [&](const auto& entry) {
    const std::shared_ptr<Pull>& pull = entry.second;
    const auto found = wanted.find(entry.first);
    if (pull->on_demand() || (found != wanted.end() && is_same(found->second.source, pull->source()))) return false;
    pull->end();
    end(*pull);
    return true;
  });
  for (auto& [key, one] : wanted) {
    if (pulls_.contains(key)) continue;
    begin(std::make_shared<Pull>(
        Pull::Given{.hub = hub_, .tls = tls_, .request = std::move(one.request), .source = std::move(one.source)}));
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

std::vector<Always> always_of(const config::Config& config) {
  std::vector<Always> all;
  for (const auto& vhost : config.vhosts) {
    for (const config::Ingest& ingest : vhost->ingests) {
      if (!vhost->enabled || !ingest.enabled || !ingest.ffmpeg.empty()) continue;
      auto url = upstream::parse_rtmp_url(ingest.input_url);
      if (!url || url->stream.empty()) continue;
      std::string app = "live", stream = ingest.id;
      if (!ingest.engines.empty() && !ingest.engines.front().output.empty()) {
        // Of the variables, those that may stand in the address: it is this server's, whatever they are.
        std::string text = base::replace_all(ingest.engines.front().output, "[port]", "1935");
        text = base::replace_all(text, "[vhost]", vhost->name);
        const auto output = upstream::parse_rtmp_url(text);
        if (!output || output->stream.empty()) continue;
        app = output->app;
        stream = output->stream;
      }
      upstream::Destination source{.text = ingest.input_url, .urls = {}, .shown = {}, .secrets = {}};
      source.shown = proto::tc_url_of(*url) + "/***";
      source.secrets.push_back(url->stream);
      if (url->param.size() > 1) source.secrets.push_back(url->param.substr(1));
      source.urls.push_back(*std::move(url));
      all.push_back({request_of(vhost, std::move(app), std::move(stream)), std::move(source)});
    }
  }
  return all;
}

}  // namespace weir::session::pull
