#include "session/hls/visitors.h"

#include <algorithm>
#include <optional>

#include "base/random.h"
#include "session/common/protocol.h"
#include "session/common/upstream/way.h"

namespace weir::session::hls {

using namespace std::chrono_literals;
using base::Result;

namespace {

constexpr std::uint32_t least_per_address = 100;
constexpr std::size_t most_unproven = 1'000;  // of a worker
constexpr std::size_t most_kicked = 10'000;   // that are remembered
constexpr std::size_t looks_per_tick = 2'000;
constexpr std::chrono::milliseconds least_patience = 10s;  // with those that were sent no segment yet
constexpr std::chrono::milliseconds time_to_prove = 2s;    // by asking again, where segments say no id

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

// `life` is what a kick stops: there is no coroutine, the next look or request sees it. It is what hooks are asked
// under, so that a player has one id from its first question to its last word.
struct Visitors::Own {
  Own(net::Worker& worker, base::SessionId id) : life(worker, "hls", id, worker.logger()) {}
  Own(const Own&) = delete;
  ~Own() {
    if (!owner) return;
    owner->order_.erase(in_order);
    if (!seat->proven()) owner->unproven_.erase(in_unproven);
  }

  net::Life life;
  std::unique_ptr<Gate::Seat> seat;
  std::optional<hub::Visit> visit;
  std::string name, place;
  std::chrono::milliseconds limit{}, patience{};
  Clock::time_point began{}, seen{};
  Visitors* owner = nullptr;  // null: not admitted yet
  std::list<Own*>::iterator in_order, in_unproven;
};

Visitors::Visitors(hub::Hub& hub, const Peers& peers, Gate& gate) : hub_(hub), peers_(peers), gate_(gate) {}
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

// A seat for one more of that address, if need be that of one from there who was sent nothing yet. Null: there is none.
std::unique_ptr<Gate::Seat> Visitors::seat(const std::string& address) {
  const auto config = hub_.config();
  Gate::Limits limits{.proven = config->limits.max_connections};
  // Through a proxy that is trusted, clients have addresses of their own; its own is everybody's.
  if (!config->trusts_proxy(address)) {
    const std::uint32_t given = config->limits.max_sessions_per_address;
    limits.per_address = given > 0 ? given : std::max(least_per_address, limits.proven / 4);
  }
  std::unique_ptr<Gate::Seat> seat;
  auto answer = gate_.enter(address, limits, Clock::now(), seat);
  if (answer == Gate::Answer::address_full && displace(neighbourhood_of(address))) {
    answer = gate_.enter(address, limits, Clock::now(), seat);
  }
  if (seat) {
    if (unproven_.size() >= most_unproven) end(*unproven_.front(), true);
    return seat;
  }
  if (const auto times = full_.hit(Clock::now())) {
    log::warn({hub_.worker().logger(), {}, {}}, "HLS client of {} refused: {} is reached ({} refused)", address,
              answer == Gate::Answer::full ? "max_connections" : "max_sessions_per_address", times);
  }
  return nullptr;
}

// At most most_unproven are looked at, and an address comes here no more often than its allowance lets it.
bool Visitors::displace(std::string_view neighbourhood) {
  const auto found = std::find_if(unproven_.begin(), unproven_.end(),
                                  [&](const Own* own) { return own->seat->neighbourhood() == neighbourhood; });
  if (found == unproven_.end()) return false;
  end(**found, true);
  return true;
}

hub::Request Visitors::request_of(http::Exchange& exchange, const Listing& listing) const {
  const http::Request& asked = exchange.request();
  hub::Request request;
  request.protocol = listing.dash ? protocols::dash.id : protocols::hls.id;
  request.recorded = !listing.recorded_of.empty();
  request.relayed = listing.relayed;
  request.vhost = hub_.config()->match_vhost(request.recorded ? listing.recorded_of : asked.virtual_host());
  if (!request.vhost) return request;
  request.app = listing.app;
  request.stream = listing.stream;
  if (!asked.query.empty()) request.param = "?" + asked.query;
  request.facts.set(facts::tc_url,
                    "http://" + (asked.host.empty() ? request.vhost->name : asked.host) + "/" + request.app);
  request.facts.set(facts::page_url, std::string(asked.headers.find("Referer")));
  request.facts.set(upstream::way_fact,
                    std::string(asked.headers.find(upstream::way_header).substr(0, upstream::longest_way)));
  request.peer = exchange.stream().peer();
  request.peer.address = exchange.client_address();
  return request;
}

net::Task<hub::Verdict<std::string>> Visitors::enter(http::Exchange& exchange, ListingRef listing, std::string wanted) {
  hub::Request request = request_of(exchange, *listing);
  if (!request.vhost) co_return hub::Errc::no_vhost;
  auto place = seat(request.peer.address);
  if (!place) co_return hub::Errc::limit;

  const auto free = [this](const std::string& name) { return !own_.contains(name) && !known_.contains(name); };
  base::SessionId id = is_session_id(wanted) && free(wanted) ? log_id(wanted) : base::random_session_id();
  if (hub_.registry().find(id)) id = base::random_session_id();
  auto own = std::make_unique<Own>(hub_.worker(), id);
  own->life.comes_from(request.peer.address);
  own->seat = std::move(place);
  const std::string url = request.url(), address = request.peer.address, vhost = request.vhost->name;
  CO_TRY(hub::Visit visit, co_await hub_.visit(own->life, std::move(request), id));
  // While hooks were asked another may have come with the same id.
  own->name = is_session_id(wanted) && free(wanted) ? std::move(wanted) : std::string(id.view());
  own->visit.emplace(std::move(visit));
  own->visit->record().session = &own->life;
  own->place = listing->visited();
  own->limit = std::max<std::chrono::milliseconds>(listing->length, 10s) * 2;
  own->patience = std::min(own->limit, std::max(least_patience, listing->target + 5s));
  own->began = own->seen = Clock::now();
  own->owner = this;
  own->in_order = order_.insert(order_.end(), own.get());
  own->in_unproven = unproven_.insert(unproven_.end(), own.get());
  log::info(own->life.log(), "{} client ip={}, url={}, vhost={}", listing->dash ? "DASH" : "HLS", address, url, vhost);
  const std::string name = own->name;
  own_.insert_or_assign(name, std::move(own));
  tell_others([name, place = listing->visited(), home = static_cast<std::uint16_t>(hub_.worker().index())](
                  Visitors& peer) { peer.known_[name] = Known{.place = place, .home = home}; });
  co_return name;
}

void Visitors::touch(std::string_view id, std::uint64_t sent_bytes, Sent what) {
  if (const auto own = own_.find(id); own != own_.end()) {
    Own& one = *own->second;
    one.seen = Clock::now();
    hub::Record& record = one.visit->record();
    record.counted.sent_bytes += sent_bytes;
    if (what == Sent::media && record.first_media == Clock::time_point()) record.first_media = one.seen;
    if (what == Sent::media || one.seen - one.began > time_to_prove) prove(one);
    return;
  }
  const auto known = known_.find(id);
  if (known == known_.end() || known->second.kicked) return;
  known->second.sent_bytes += sent_bytes;
  if (what == Sent::media && !std::exchange(known->second.proven, true)) return tell_home(known->first, known->second);
  if (!std::exchange(known->second.touched, true)) touched_.push_back(known->first);
}

void Visitors::prove(Own& own) {
  if (own.seat->proven()) return;
  unproven_.erase(own.in_unproven);
  own.seat->prove();
}

void Visitors::tell_home(const std::string& id, Known& known) {
  Visitors* peer = peers_[known.home];
  const Sent what = known.proven ? Sent::media : Sent::page;
  peer->hub_.worker().post([peer, id, what, sent = std::exchange(known.sent_bytes, 0)] {
    if (peer->own_.contains(id)) peer->touch(id, sent, what);
  });
}

void Visitors::leave(std::string_view id) {
  if (const auto own = own_.find(id); own != own_.end()) end(*own->second, false);
}

void Visitors::end(Own& own, bool displaced) {
  const bool kicked = own.life.stopping();
  log::info(own.life.log(), "play of {} ended: {}; sent {} bytes", own.visit->record().request.url(),
            kicked      ? own.life.stop_reason().message()
            : displaced ? "was sent no segment, and others came"
                        : "asked for nothing any more",
            own.visit->record().counted.sent_bytes);
  if (displaced) gate_.count_displaced();
  const std::string id = own.name, place = own.place;
  const auto linger = own.limit;
  own_.erase(id);
  forget(id, kicked, place, linger);
}

// Out of the tables of all workers; one that was kicked is remembered for as long as it might ask again.
void Visitors::forget(const std::string& id, bool kicked, const std::string& place, std::chrono::milliseconds linger) {
  const auto note = [id, kicked, place, linger](Visitors& peer) {
    if (kicked) {
      peer.remember_kicked(id, place, linger);
    } else {
      peer.known_.erase(id);
    }
  };
  note(*this);
  tell_others(note);
}

void Visitors::remember_kicked(const std::string& id, const std::string& place, std::chrono::milliseconds linger) {
  known_[id] = Known{.place = place, .kicked = true, .until = Clock::now() + linger};
  kicked_.push_back(id);
  if (kicked_.size() <= most_kicked) return;
  known_.erase(kicked_.front());
  kicked_.pop_front();
}

void Visitors::leave_all() { own_.clear(); }

void Visitors::tick() {
  const auto now = Clock::now();
  for (std::size_t looks = std::min(order_.size(), looks_per_tick); looks > 0 && !order_.empty(); --looks) {
    Own& own = *order_.front();
    order_.splice(order_.end(), order_, order_.begin());
    const auto limit = own.seat->proven() ? own.limit : own.patience;
    if (own.life.stopping() || now - own.seen >= limit) end(own, false);
  }
  while (!kicked_.empty()) {
    const auto oldest = known_.find(kicked_.front());
    if (oldest != known_.end() && oldest->second.kicked && now <= oldest->second.until) break;
    if (oldest != known_.end() && oldest->second.kicked) known_.erase(oldest);
    kicked_.pop_front();
  }
  if (++ticks_ % 4 != 0) return;
  for (const std::string& id : std::exchange(touched_, {})) {
    const auto known = known_.find(id);
    if (known == known_.end() || !std::exchange(known->second.touched, false)) continue;
    tell_home(id, known->second);
  }
}

}  // namespace weir::session::hls
