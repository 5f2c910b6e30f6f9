#include "session/hls/visitors.h"

#include <algorithm>

#include "base/random.h"
#include "session/common/protocol.h"

namespace weir::session::hls {

using namespace std::chrono_literals;
using base::Result;

namespace {

constexpr std::size_t most_visitors = 100'000;  // of a worker, where max_connections sets no bound

base::SessionId log_id(std::string_view id) {
  const auto given = base::SessionId::from(id);
  const auto plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); };
  return given && std::all_of(id.begin(), id.end(), plain) ? given : base::random_session_id();
}

}  // namespace

bool is_session_id(std::string_view text) {
  constexpr std::size_t longest = 64;
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  });
}

// `life` is what a kick stops: there is no coroutine, the next sweep or request sees it.
struct Visitors::Own {
  net::Life life;
  hub::Visit visit;
  std::string place;
  std::chrono::milliseconds limit;
  Clock::time_point seen;

  Own(net::Worker& worker, base::SessionId id, hub::Visit given, std::string at, std::chrono::milliseconds most)
      : life(worker, "hls", id, worker.logger()),
        visit(std::move(given)),
        place(std::move(at)),
        limit(most),
        seen(Clock::now()) {
    visit.record().session = &life;
  }
};

Visitors::Visitors(hub::Hub& hub, const Peers& peers) : hub_(hub), peers_(peers) {}
Visitors::~Visitors() = default;

template <class F>
void Visitors::tell_others(const F& what) {
  for (Visitors* peer : peers_) {
    if (peer != this) peer->hub_.worker().post([peer, what] { what(*peer); });
  }
}

Visitors::Standing Visitors::standing(std::string_view id, std::string_view place) const {
  if (const auto own = own_.find(id); own != own_.end()) {
    if (own->second->life.stopping()) return Standing::kicked;
    return own->second->place == place ? Standing::present : Standing::unknown;
  }
  if (const auto known = known_.find(id); known != known_.end()) {
    if (known->second.kicked) return Standing::kicked;
    return known->second.place == place ? Standing::present : Standing::unknown;
  }
  return Standing::unknown;
}

net::Task<Result<std::string>> Visitors::enter(http::Exchange& exchange, ListingRef listing, std::string wanted) {
  const std::uint32_t configured = hub_.config()->limits.max_connections;
  if (own_.size() >= (configured > 0 ? configured : most_visitors)) co_return hub::Errc::limit;
  const http::Request& asked = exchange.request();
  hub::Request request;
  request.protocol = protocols::hls.id;
  request.vhost = hub_.config()->match_vhost(asked.virtual_host());
  if (!request.vhost) co_return hub::Errc::no_vhost;
  request.app = listing->app;
  request.stream = listing->stream;
  if (!asked.query.empty()) request.param = "?" + asked.query;
  request.facts.set(facts::tc_url,
                    "http://" + (asked.host.empty() ? request.vhost->name : asked.host) + "/" + request.app);
  request.facts.set(facts::page_url, std::string(asked.headers.find("Referer")));
  request.peer = exchange.stream().peer();
  request.peer.address = exchange.client_address();

  const bool taken = own_.contains(wanted) || known_.contains(wanted);
  base::SessionId id = !taken && is_session_id(wanted) ? log_id(wanted) : base::random_session_id();
  if (hub_.registry().find(id)) id = base::random_session_id();
  std::string name = !taken && is_session_id(wanted) ? std::move(wanted) : std::string(id.view());
  const std::string url = request.url(), address = request.peer.address, vhost = request.vhost->name;
  const auto limit = std::max<std::chrono::milliseconds>(listing->length, 10s) * 2;
  CO_TRY(hub::Visit visit, co_await hub_.visit(exchange.life(), std::move(request), id));
  auto own = std::make_unique<Own>(hub_.worker(), id, std::move(visit), listing->place, limit);
  own->life.comes_from(address);
  log::info(own->life.log(), "HLS client ip={}, url={}, vhost={}", address, url, vhost);
  own_.insert_or_assign(name, std::move(own));
  tell_others([name, place = listing->place, home = static_cast<std::uint16_t>(hub_.worker().index())](Visitors& peer) {
    peer.known_[name] = Known{.place = place, .home = home};
  });
  co_return name;
}

void Visitors::touch(std::string_view id, std::uint64_t sent_bytes) {
  if (const auto own = own_.find(id); own != own_.end()) {
    own->second->seen = Clock::now();
    own->second->visit.record().counted.sent_bytes += sent_bytes;
  } else if (const auto known = known_.find(id); known != known_.end()) {
    known->second.touched = true;
    known->second.sent_bytes += sent_bytes;
  }
}

// Out of the tables of all workers; one that was kicked is remembered for as long as it might ask again.
void Visitors::forget(const std::string& id, bool kicked, const std::string& place, std::chrono::milliseconds linger) {
  const auto note = [id, kicked, place, linger](Visitors& peer) {
    if (kicked) {
      peer.known_[id] = Known{.place = place, .kicked = true, .until = Clock::now() + linger};
    } else {
      peer.known_.erase(id);
    }
  };
  note(*this);
  tell_others(note);
}

void Visitors::leave_all() { own_.clear(); }

void Visitors::sweep() {
  const auto now = Clock::now();
  for (auto it = own_.begin(); it != own_.end();) {
    Own& own = *it->second;
    const bool kicked = own.life.stopping();
    if (!kicked && now - own.seen < own.limit) {
      ++it;
      continue;
    }
    log::info(own.life.log(), "play of {} ended: {}; sent {} bytes", own.visit.record().request.url(),
              kicked ? own.life.stop_reason().message() : "asked for nothing any more",
              own.visit.record().counted.sent_bytes);
    const std::string id = it->first, place = own.place;
    const auto linger = own.limit;
    it = own_.erase(it);
    forget(id, kicked, place, linger);
  }
  struct Report {
    std::string id;
    std::uint64_t sent_bytes;
  };
  std::unordered_map<std::uint16_t, std::vector<Report>> reports;
  for (auto it = known_.begin(); it != known_.end();) {
    Known& known = it->second;
    if (known.kicked && now > known.until) {
      it = known_.erase(it);
      continue;
    }
    if (std::exchange(known.touched, false)) {
      reports[known.home].push_back({it->first, std::exchange(known.sent_bytes, 0)});
    }
    ++it;
  }
  for (auto& [home, list] : reports) {
    Visitors* peer = peers_[home];
    peer->hub_.worker().post([peer, reported = std::move(list)] {
      for (const Report& report : reported) peer->touch(report.id, report.sent_bytes);
    });
  }
}

}  // namespace weir::session::hls
