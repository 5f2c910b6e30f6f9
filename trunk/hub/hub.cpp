#include "hub/hub.h"

#include <optional>

#include "base/log_flood.h"
#include "hub/arrival.h"

namespace weir::hub {

using namespace std::chrono_literals;
using base::Result;
using Clock = std::chrono::steady_clock;

namespace {

// A reader of our own, which sends the stream on, is no player: it is asked of nobody, told to nobody, and brings no
// stream about.
bool is_player(const Request& request) { return request.origin == Origin::client; }

// What was wrong with the input before, for the log.
std::string_view illness_of(Stream::Ill ill) {
  switch (ill) {
    case Stream::Ill::silent:
      return ": the one before is silent";
    case Stream::Ill::keyless:
      return ": the one before brings no key frame";
    case Stream::Ill::faulty:
      return ": the one before brings too many errors";
    case Stream::Ill::no:
      break;
  }
  return "";
}

}  // namespace

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
      cadence_(worker),
      demand_(directory, worker.index()) {
  worker_.every_tick([this] { tick(); });
}

// Streams that still wait for a publisher tell the feeds of this worker alone: the others may be gone.
Hub::~Hub() {
  closing_ = true;
  streams_.clear();
}

void Hub::set_config(std::shared_ptr<const config::Config> config) {
  config_ = std::move(config);
  // A virtual host that was removed goes on with what it had, rather than with the default one's settings.
  const auto newest = [this](const config::Vhost& old) {
    auto vhost = config_->match_vhost(old.name);
    return vhost && vhost->name == old.name ? std::move(vhost) : nullptr;
  };
  for (const auto& [key, seat] : feeds_) {
    if (auto vhost = newest(seat->feed->vhost())) seat->feed->set_vhost(std::move(vhost));
  }
  for (const auto& [key, published] : streams_) {
    if (auto vhost = newest(published->stream->vhost())) published->stream->set_vhost(std::move(vhost));
    tend_if_needed(*published);
    tell_standing(*published);
  }
}

void Hub::drain() {
  draining_ = true;
  for (const auto& [key, published] : streams_) {
    if (published->stream->state() == Stream::State::interrupted) published->stream->finish();
  }
}

Stream* Hub::find_stream(const base::StreamKey& key) const {
  const auto found = streams_.find(key);
  return found == streams_.end() ? nullptr : found->second->stream.get();
}

Source* Hub::find_source(const base::StreamKey& key) const {
  const Stream* stream = find_stream(key);
  return stream ? stream->source() : nullptr;
}

Hub::Published& Hub::open_stream(const base::StreamKey& key, const std::shared_ptr<const config::Vhost>& vhost,
                                 base::Ticks resume_at) {
  auto& published = streams_[key];
  if (published) return *published;
  published = std::make_unique<Published>();
  const auto notice = [this, key](const Want& want, const std::shared_ptr<MirrorBox>& box) {
    if (closing_) return;
    Hub* peer = peers_[static_cast<std::size_t>(want.worker)];
    peer->worker_.post([peer, key, format = want.format, box] { peer->drain_box(key, format, box); });
  };
  published->stream = std::make_unique<Stream>(
      Stream::Given{.key = key,
                    .vhost = vhost,
                    .formats = formats_,
                    .notice = notice,
                    .memory = memory_,
                    .sound = {bridge_, &worker_},
                    .resume_at = resume_at,
                    .tell = [this](StreamEvent::Kind kind, Stream& stream) { on_stream(kind, stream); }});
  return *published;
}

void Hub::on_stream(StreamEvent::Kind kind, Stream& stream) {
  const log::Context who{
      worker_.logger(), stream.origin().id, {}, log::origin_of(stream.origin().request->peer.address)};
  switch (kind) {
    case StreamEvent::Kind::began:
      for (const Want& want : directory_.wants(stream.key())) add_outlet(stream.key(), want);
      break;
    case StreamEvent::Kind::interrupted:
      ++counts_.interruptions;
      counts_.slates += stream.stands_still();
      log::info(who, "{} is interrupted: {} {} s for its publisher", stream.key().display(),
                stream.stands_still() ? "its last picture stands, and it waits" : "waits",
                std::chrono::duration<double>(stream.patience()).count());
      break;
    case StreamEvent::Kind::resumed:
      ++counts_.resumptions;
      log::info(who, "{} goes on with this publisher", stream.key().display());
      break;
    case StreamEvent::Kind::switched:
      ++counts_.switches;
      log::info(who, "{} goes on with this input, priority {}{}", stream.key().display(), stream.origin().priority,
                illness_of(stream.left_for()));
      break;
    case StreamEvent::Kind::ended:
      if (stream.stands_still()) {
        log::info(who, "{} ends, its last picture with it: nobody came for {} s", stream.key().display(),
                  std::chrono::duration<double>(stream.patience()).count());
      }
      directory_.over(stream.key());
      break;
  }
  events_.emit(StreamEvent{kind, stream});
}

// Something ended or began: whether the stream is still needed, and whether the clock has to be looked at for it.
void Hub::settle(Published& published) {
  if (draining_ && published.stream->state() == Stream::State::interrupted) published.stream->finish();
  tend_if_needed(published);
  tell_standing(published);
  const Stream& stream = *published.stream;
  if (stream.has_inputs() || stream.state() != Stream::State::over || published.holds > 0) return;
  const base::StreamKey key = stream.key();
  if (directory_.retire(key, stream.end())) streams_.erase(key);
}

void Hub::tend_if_needed(Published& published) {
  if (published.tended || !published.stream->wants_tending()) return;
  published.tended = true;
  tended_.push_back(published.stream->key());
}

// Whoever has more sources for the stream begins them by that.
void Hub::tell_standing(Published& published) {
  if (!published.stream->wants_tending() && !published.told) return;
  const auto standing = published.stream->standing();
  if (published.told == standing) return;
  published.told = standing;
  directory_.set_standing(published.stream->key(), standing);
}

void Hub::tend_streams(Clock::time_point now) {
  for (std::size_t i = tended_.size(); i-- > 0;) {
    const auto found = streams_.find(tended_[i]);
    if (found != streams_.end()) {
      Published& published = *found->second;
      const bool again = published.stream->tend(now);
      tell_standing(published);
      if (again) continue;
      published.tended = false;
    }
    tended_.erase(tended_.begin() + static_cast<std::ptrdiff_t>(i));
    if (found != streams_.end()) settle(*found->second);
  }
}

StreamHold Hub::hold(const base::StreamKey& key) {
  const auto found = streams_.find(key);
  if (found == streams_.end()) return {};
  ++found->second->holds;
  return {*this, key};
}

// Perhaps told by the stream's own event: it is looked at in the next turn.
void Hub::let_go(const base::StreamKey& key) {
  const auto found = streams_.find(key);
  if (found == streams_.end() || --found->second->holds > 0) return;
  worker_.post([this, key] {
    if (const auto kept = streams_.find(key); kept != streams_.end()) settle(*kept->second);
  });
}

StreamHold::~StreamHold() {
  if (hub_) hub_->let_go(key_);
}

net::Task<Verdict<Permit>> Hub::admit(net::Life& life, const Request& request, Action action) {
  if (admission_.closed(request, action)) co_return co_await turn_away(life, request, action);
  CO_TRY(Permit permit, co_await admission_.admit(life, request, action));
  if (request.needs_publisher() && !directory_.live(request.key()))
    CO_TRY_VOID(co_await admission_.locate(life, request, action));
  co_return permit;
}

// This server ends, or rests: perhaps there is another one.
net::Task<Refusal> Hub::turn_away(net::Life& life, const Request& request, Action action) {
  const auto verdict = co_await admission_.locate(life, request, action);
  co_return !verdict && !verdict.error().url.empty() ? verdict.error() : Refusal(Errc::draining);
}

net::Task<Verdict<Subscription>> Hub::subscribe(net::Life& life, Request request, FormatId format, Link link) {
  if (draining_ && is_player(request)) co_return co_await turn_away(life, request, Action::play);
  if (draining_) co_return Errc::draining;
  if (request.stream.empty()) co_return Errc::no_stream_name;
  request.role = Role::play;
  Record record{.id = life.id(), .request = std::move(request), .session = &life, .link = link};
  CO_TRY(Registry::Ticket ticket, registry_.enter(std::move(record)));
  const Request& wanted = ticket.record().request;
  const bool plays = is_player(wanted);
  std::optional<Arrival> arrival;
  Permit permit;
  if (plays) {
    arrival.emplace(events_, ticket.record());
    CO_TRY(permit, co_await admit(life, wanted, Action::play));
  }
  FeedSeats* seat = open_feed({wanted.key(), format}, wanted);
  if (!seat) co_return Errc::limit;
  ++seat->subscriptions;
  if (plays) {
    arrival->admitted();
    events_.emit({Event::Kind::play, life.id(), ticket.record().request});
  }
  if (!seat->feed->live()) {
    seat->feed->forget_absence();  // it is tried anew
    if (plays) demand_.wanted(wanted);
  }
  help_newcomer(*seat->feed, wanted.key());
  co_return Subscription(*this, *seat, std::move(ticket), std::move(permit));
}

net::Task<Verdict<Visit>> Hub::visit(net::Life& life, Request request, base::SessionId id) {
  if (draining_) co_return co_await turn_away(life, request, Action::play);
  if (request.stream.empty()) co_return Errc::no_stream_name;
  request.role = Role::play;
  Record record{.id = id, .request = std::move(request)};
  CO_TRY(Registry::Ticket ticket, registry_.enter(std::move(record)));
  Arrival arrival(events_, ticket.record());
  CO_TRY(Permit permit, co_await admit(life, ticket.record().request, Action::play));
  if (ticket.record().request.needs_publisher()) {
    if (!ask_for(ticket.record().request)) co_return Errc::limit;
    ++asked_[ticket.record().request.key()].visits;
  }
  arrival.admitted();
  events_.emit({Event::Kind::play, id, ticket.record().request});
  co_return Visit(*this, std::move(ticket), std::move(permit));
}

Visit::~Visit() {
  if (!hub_) return;
  const Record& record = ticket_.record();
  const auto asked = record.request.needs_publisher() ? hub_->asked_.find(record.request.key()) : hub_->asked_.end();
  if (asked != hub_->asked_.end()) {
    --asked->second.visits;
    asked->second.last = Clock::now();
  }
  hub_->events_.emit({Event::Kind::stop, record.id, record.request, record.received_bytes(), record.sent_bytes()});
}

void Hub::leave(FeedSeats& seat, const Record& record) {
  if (is_player(record.request)) {
    events_.emit({Event::Kind::stop, record.id, record.request, record.received_bytes(), record.sent_bytes()});
  }
  if (--seat.subscriptions > 0) return;
  seat.empty_since = Clock::now();
}

std::uint64_t Hub::player_skips() const {
  std::uint64_t sum = skips_of_closed_feeds_;
  for (const auto& [key, seat] : feeds_) sum += seat->feed->skips();
  return sum;
}

void Hub::tick() {
  const auto now = Clock::now();
  tend_streams(now);
  tend_feeds(now);
  if (++ticks_ % 12 == 0) registry_.sample();  // every three seconds
}

}  // namespace weir::hub
