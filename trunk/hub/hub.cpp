#include "hub/hub.h"

#include "net/notifier.h"

namespace weir::hub {

using namespace std::chrono_literals;
using base::Result;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto feed_linger = 10s;  // a feed without readers is kept for the next one
constexpr std::chrono::milliseconds takeover_pause = 20ms, takeover_patience = 3s;

// Tells that a session is asked for, and that it was refused unless it was admitted.
class Arrival {
 public:
  Arrival(EventBus& events, const Record& record) : events_(events), record_(record) { tell(Event::Kind::arrive); }
  ~Arrival() {
    if (!admitted_) tell(Event::Kind::refuse);
  }
  Arrival(const Arrival&) = delete;
  void admitted() { admitted_ = true; }

 private:
  void tell(Event::Kind kind) {
    events_.emit({kind, record_.id, record_.request, record_.received_bytes(), record_.sent_bytes()});
  }

  EventBus& events_;
  const Record& record_;
  bool admitted_ = false;
};

}  // namespace

Publication::~Publication() {
  if (hub_) hub_->unpublish(key_, ticket_.record());
}

Source& Publication::source() const { return *hub_->find_source(key_); }

Subscription::~Subscription() {
  if (hub_) hub_->leave(*seat_, ticket_.record());
}

Hub::Hub(net::Worker& worker, Directory& directory, const Formats& formats, const Peers& peers,
         std::shared_ptr<const config::Config> config)
    : worker_(worker),
      directory_(directory),
      formats_(formats),
      peers_(peers),
      config_(std::move(config)),
      cadence_(worker) {
  worker_.every_tick([this] { tick(); });
}

Hub::~Hub() = default;

void Hub::set_config(std::shared_ptr<const config::Config> config) {
  config_ = std::move(config);
  for (const auto& [key, seat] : feeds_) {
    if (auto vhost = config_->match_vhost(seat->feed->vhost().name)) seat->feed->set_vhost(std::move(vhost));
  }
  for (const auto& [key, published] : sources_) {
    if (auto vhost = config_->match_vhost(published->record->request.vhost->name))
      published->source->set_vhost(std::move(vhost));
  }
}

Source* Hub::find_source(const base::StreamKey& key) const {
  const auto found = sources_.find(key);
  return found == sources_.end() ? nullptr : found->second->source.get();
}

// The name for this publisher. With `takeover`, whoever has it is told to leave, and is waited for a moment.
net::Task<Result<Directory::Claim>> Hub::claim(net::Life& life, const Request& request) {
  const base::StreamKey key = request.key();
  auto claim = directory_.claim(key, worker_.index(), life.id());
  if (claim || !request.vhost->publish.takeover) co_return claim;
  net::Notifier pause(worker_.io());
  net::TimerWheel::Timer timer([&] { pause.notify(); });
  const auto until = std::chrono::steady_clock::now() + takeover_patience;
  while (!claim && std::chrono::steady_clock::now() < until) {
    if (const auto owner = directory_.owner(key)) {
      Hub* peer = peers_[static_cast<std::size_t>(owner->worker)];
      peer->worker_.post([peer, id = owner->publisher] { peer->registry_.kick(id, Errc::taken_over); });
      log::info(life.log(), "takes {} over from {}", key.display(), owner->publisher.view());
    }
    worker_.wheel().arm(timer, takeover_pause);
    CO_TRY_VOID(co_await pause.wait());
    claim = directory_.claim(key, worker_.index(), life.id());
  }
  co_return claim;
}

net::Task<Result<Publication>> Hub::publish(net::Life& life, Request wanted, const net::ByteStream* stream) {
  if (draining_) co_return Errc::draining;
  if (wanted.stream.empty()) co_return Errc::no_stream_name;
  Registry::Ticket ticket = registry_.enter(
      {.id = life.id(), .request = std::move(wanted), .publishing = true, .life = &life, .stream = stream});
  const Request& request = ticket.record().request;
  Arrival arrival(events_, ticket.record());
  CO_TRY(Permit permit, co_await admission_.admit(life, request, Action::publish));
  const base::StreamKey key = request.key();
  CO_TRY(const Directory::Claim claim, co_await this->claim(life, request));
  arrival.admitted();
  const auto vhost = request.vhost;
  auto published = std::make_unique<Published>();
  published->record = &ticket.record();
  published->source =
      std::make_unique<Source>(vhost, formats_, [this, key](const Want& want, const std::shared_ptr<MirrorBox>& box) {
        Hub* peer = peers_[static_cast<std::size_t>(want.worker)];
        peer->worker_.post([peer, key, format = want.format, box] { peer->drain_box(key, format, box); });
      });
  sources_[key] = std::move(published);
  for (const Want& want : claim.wants) add_outlet(key, want);
  events_.emit({Event::Kind::publish, life.id(), ticket.record().request});
  co_return Publication(*this, key, claim.resume_at, std::move(ticket), std::move(permit));
}

void Hub::unpublish(const base::StreamKey& key, const Record& record) {
  const auto found = sources_.find(key);
  if (found == sources_.end()) return;
  const base::Ticks ended_at = found->second->source->statistics().last_dts;
  events_.emit({Event::Kind::unpublish, record.id, record.request, record.received_bytes(), record.sent_bytes()});
  found->second->source->end();
  sources_.erase(found);
  directory_.release(key, record.id, ended_at);
}

FeedSeats& Hub::open_feed(const FeedKey& feed_key, const std::shared_ptr<const config::Vhost>& vhost) {
  auto& seat = feeds_[feed_key];
  if (seat) return *seat;
  seat = std::make_unique<FeedSeats>();
  seat->feed = std::make_unique<Feed>(cadence_, vhost, log::Context{worker_.logger(), {}, {}});
  const Want want{worker_.index(), feed_key.format};
  if (const auto owner = directory_.want(feed_key.key, want)) {
    Hub* peer = peers_[static_cast<std::size_t>(owner->worker)];
    if (peer == this) {
      add_outlet(feed_key.key, want);
    } else {
      peer->worker_.post([peer, key = feed_key.key, want] { peer->add_outlet(key, want); });
    }
  }
  return *seat;
}

net::Task<Result<Subscription>> Hub::subscribe(net::Life& life, Request request, FormatId format,
                                               const net::ByteStream* stream) {
  if (draining_) co_return Errc::draining;
  if (request.stream.empty()) co_return Errc::no_stream_name;
  Registry::Ticket ticket =
      registry_.enter({.id = life.id(), .request = std::move(request), .life = &life, .stream = stream});
  const Request& wanted = ticket.record().request;
  Arrival arrival(events_, ticket.record());
  CO_TRY(Permit permit, co_await admission_.admit(life, wanted, Action::play));
  arrival.admitted();
  FeedSeats& seat = open_feed({wanted.key(), format}, wanted.vhost);
  ++seat.subscriptions;
  events_.emit({Event::Kind::play, life.id(), ticket.record().request});
  co_return Subscription(*this, seat, std::move(ticket), std::move(permit));
}

net::Task<Result<Visit>> Hub::visit(net::Life& life, Request request, base::SessionId id) {
  if (draining_) co_return Errc::draining;
  if (request.stream.empty()) co_return Errc::no_stream_name;
  Registry::Ticket ticket = registry_.enter({.id = id, .request = std::move(request)});
  Arrival arrival(events_, ticket.record());
  CO_TRY(Permit permit, co_await admission_.admit(life, ticket.record().request, Action::play));
  arrival.admitted();
  events_.emit({Event::Kind::play, id, ticket.record().request});
  co_return Visit(*this, std::move(ticket), std::move(permit));
}

Visit::~Visit() {
  if (!hub_) return;
  const Record& record = ticket_.record();
  hub_->events_.emit({Event::Kind::stop, record.id, record.request, record.received_bytes(), record.sent_bytes()});
}

void Hub::leave(FeedSeats& seat, const Record& record) {
  events_.emit({Event::Kind::stop, record.id, record.request, record.received_bytes(), record.sent_bytes()});
  if (--seat.subscriptions == 0) seat.empty_since = Clock::now();
}

void Hub::add_outlet(const base::StreamKey& key, const Want& want) {
  Source* source = find_source(key);
  if (!source) return;
  Feed* local = nullptr;
  if (want.worker == worker_.index()) {
    const auto found = feeds_.find({key, want.format});
    if (found == feeds_.end()) return;
    local = found->second->feed.get();
  }
  source->add_outlet(want, local);
}

void Hub::remove_outlet(const base::StreamKey& key, const Want& want) {
  if (Source* source = find_source(key)) source->remove_outlet(want);
}

void Hub::drain_box(const base::StreamKey& key, FormatId format, const std::shared_ptr<MirrorBox>& box) {
  const auto found = feeds_.find({key, format});
  if (found == feeds_.end()) return;
  net::Turn turn(worker_.cut_turns());
  if (!box->drain(*found->second->feed, turn)) return;
  turn.renew();
  worker_.post([this, key, format, box] { drain_box(key, format, box); });
}

std::uint64_t Hub::player_skips() const {
  std::uint64_t sum = skips_of_closed_feeds_;
  for (const auto& [key, seat] : feeds_) sum += seat->feed->skips();
  return sum;
}

void Hub::tick() {
  const auto now = Clock::now();
  for (auto it = feeds_.begin(); it != feeds_.end();) {
    FeedSeats& seat = *it->second;
    seat.feed->check_stalled(now);
    if (seat.subscriptions > 0 || now - seat.empty_since < feed_linger) {
      ++it;
      continue;
    }
    const FeedKey key = it->first;
    const Want want{worker_.index(), key.format};
    skips_of_closed_feeds_ += seat.feed->skips();
    const auto owner = directory_.unwant(key.key, want);
    if (owner) {
      Hub* peer = peers_[static_cast<std::size_t>(owner->worker)];
      if (peer == this) {
        remove_outlet(key.key, want);
      } else {
        peer->worker_.post([peer, key, want] { peer->remove_outlet(key.key, want); });
      }
    }
    it = feeds_.erase(it);
  }
  if (++ticks_ % 12 == 0) registry_.sample();  // every three seconds
}

}  // namespace weir::hub
