#include "app/cluster/service.h"

#include "app/cluster/place.h"
#include "session/common/protocol.h"
#include "session/common/upstream/error.h"
#include "session/common/upstream/way.h"

namespace weir::cluster {

using base::Result;
namespace upstream = session::upstream;

Service::Service(hub::Hub& hub, const std::string& server, Figures& figures, Readiness& readiness)
    : hub_(hub),
      server_(server),
      figures_(figures),
      readiness_(readiness),
      coworkers_(hub, figures),
      traverse_(hub, figures) {
  hub_.admission().set_closed(
      [this](const hub::Request& request, hub::Action action) { return closed(request, action); });
  hub_.admission().add([this](net::Life& life, const hub::Request& request, hub::Action action, hub::Permit&) {
    return judge(life, request, action);
  });
  hub_.admission().set_locator([this](net::Life& life, const hub::Request& request, hub::Action action) {
    return locate(life, request, action);
  });
}

net::Task<Result<void>> Service::judge(net::Life& life, const hub::Request& request, hub::Action action) {
  // A publisher's stream that would go on in a circle is refused where it would be sent.
  const std::string_view way = request.facts.find(upstream::way_fact);
  if (action == hub::Action::play && !upstream::may_go_on(way, server_)) {
    ++figures_.loops;
    co_return upstream::Errc::loop;
  }
  const config::Cluster& cluster = request.vhost->cluster;
  if (!cluster.remote || !cluster.token_traverse) co_return Result<void>();
  co_return co_await traverse_.judge(life, request);
}

bool Service::closed(const hub::Request& request, hub::Action action) const {
  if (!readiness_.draining()) return false;
  return action == hub::Action::publish || request.facts.find(upstream::way_fact).empty();
}

net::Task<Result<std::string>> Service::locate(net::Life& life, const hub::Request& request, hub::Action action) {
  auto place = co_await place_of(life, request, action);
  if (closed(request, action)) readiness_.count(action, place && !place->empty());
  co_return place;
}

// Of publishers those of RTMP can be sent somewhere.
net::Task<Result<std::string>> Service::place_to_go(net::Life& life, const hub::Request& request, hub::Action action) {
  if (action == hub::Action::publish && request.protocol != session::protocols::rtmp.id) co_return std::string();
  if (url_at({"host", 1}, request).empty()) co_return std::string();
  CO_TRY(const std::optional<Origin> origin, co_await choose_(life, request));
  if (!origin) co_return std::string();
  ++figures_.redirected;
  co_return url_at(*origin, request);
}

net::Task<Result<std::string>> Service::place_of(net::Life& life, const hub::Request& request, hub::Action action) {
  if (choose_ && readiness_.draining()) {
    CO_TRY(std::string url, co_await place_to_go(life, request, action));
    if (!url.empty()) co_return url;
  } else if (find_ && action == hub::Action::play) {
    CO_TRY(const std::optional<Origin> origin, co_await find_(life, request));
    if (origin) co_return std::string();  // it is fetched
  }
  const config::Cluster& cluster = request.vhost->cluster;
  if (action != hub::Action::play || !cluster.origin_cluster || cluster.coworkers.empty()) co_return std::string();
  if (url_at({"host", 1}, request).empty()) co_return std::string();  // it can be sent nowhere
  CO_TRY(const std::optional<Origin> origin, co_await coworkers_.find(request));
  if (origin) {
    std::string url = url_at(*origin, request);
    ++figures_.redirected;
    log::info(life.log(), "{} is at {}:{}", request.url(), origin->host, origin->rtmp_port);
    co_return url;
  }
  if (hub_.draining() || readiness_.draining() || hub_.demand().can_start(request)) co_return std::string();
  ++figures_.not_found;
  co_return upstream::Errc::nobody_has;
}

}  // namespace weir::cluster
