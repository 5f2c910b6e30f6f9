#include "hub/hub.h"
#include "net/patience.h"

// What is wanted: feeds and their outlets, and who is asked to bring what nobody publishes.

namespace weir::hub {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto feed_linger = 10s;  // what nobody reads any more is kept for the next one
constexpr FormatId asked_for{0};   // by requests: no feed, no packager

// What is fetched goes on for so long behind the last one who wanted it.
Clock::duration linger_of(const config::Config& config, const base::StreamKey& key) {
  const auto vhost = config.match_vhost(key.vhost);
  return vhost ? vhost->cluster.linger : config::Cluster().linger;
}

}  // namespace

// Null if too many names are waited for.
FeedSeats* Hub::open_feed(const FeedKey& feed_key, const Request& request) {
  if (const auto found = feeds_.find(feed_key); found != feeds_.end()) return found->second.get();
  if (counts_.awaited >= most_awaited && !directory_.live(feed_key.key)) {
    ++counts_.refused_awaited;
    return nullptr;
  }
  ++counts_.awaited;
  auto& seat = feeds_[feed_key] = std::make_unique<FeedSeats>();
  seat->feed = std::make_unique<Feed>(cadence_, request.vhost, log::Context{worker_.logger(), {}, {}}, memory_);
  want(feed_key.key, {worker_.index(), feed_key.format});
  return seat.get();
}

void Hub::want(const base::StreamKey& key, const Want& want) {
  const auto home = directory_.want(key, want);
  if (!home) return;
  Hub* peer = peers_[static_cast<std::size_t>(*home)];
  if (peer == this) {
    add_outlet(key, want);
  } else {
    peer->worker_.post([peer, key, want] { peer->add_outlet(key, want); });
  }
}

void Hub::unwant(const base::StreamKey& key, const Want& want) {
  const Directory::Left left = directory_.unwant(key, want);
  if (left.home) {
    Hub* peer = peers_[static_cast<std::size_t>(*left.home)];
    if (peer == this) {
      remove_outlet(key, want);
    } else {
      peer->worker_.post([peer, key, want] { peer->remove_outlet(key, want); });
    }
  }
  if (!left.starter) return;
  Hub* peer = peers_[static_cast<std::size_t>(*left.starter)];
  peer->worker_.post([peer, key] { peer->demand_.unwanted(key); });
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
  if (!source->frames().entry_point()) find_stream(key)->want_key_frame(Clock::now(), old_key_frame);
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
  net::Patience::of(worker_.io()).post([this, key, format, box] { drain_box(key, format, box); });
}

bool Hub::ask_for(const Request& request) {
  const base::StreamKey key = request.key();
  const auto found = asked_.find(key);
  if (found == asked_.end()) {
    if (asked_.size() >= most_awaited && !directory_.live(key)) {
      ++counts_.refused_awaited;
      return false;
    }
    asked_.emplace(key, Asked{.last = Clock::now()});
    want(key, {worker_.index(), asked_for});
  } else {
    found->second.last = Clock::now();
  }
  demand_.wanted(request);
  return true;
}

void Hub::cannot_start(const base::StreamKey& key, base::ErrorCode why) {
  if (!demand_.failed(key)) return;
  for (const Want& want : directory_.wants(key)) {
    Hub* peer = peers_[static_cast<std::size_t>(want.worker)];
    if (peer == this) {
      set_absent({key, want.format}, why);
    } else {
      peer->worker_.post([peer, feed = FeedKey{key, want.format}, why] { peer->set_absent(feed, why); });
    }
  }
}

void Hub::set_absent(const FeedKey& key, base::ErrorCode why) {
  if (key.format == asked_for) {
    for (const OnAbsent& told : on_absent_) told(key.key, why);
    return;
  }
  if (const auto found = feeds_.find(key); found != feeds_.end()) found->second->feed->set_absent(why);
}

void Hub::want_key_frame(const base::StreamKey& key, std::chrono::milliseconds enough) {
  const auto home = directory_.home(key);
  if (!home) return;
  Hub* peer = peers_[static_cast<std::size_t>(*home)];
  peer->worker_.post([peer, key, enough] {
    if (Stream* stream = peer->find_stream(key)) stream->want_key_frame(Clock::now(), enough);
  });
}

// Who joins a live stream between two key frames starts at the last one, unless that is not kept.
void Hub::help_newcomer(const Feed& feed, const base::StreamKey& key) {
  if (feed.live() && (!feed.vhost().play.gop_cache || !feed.log().entry_point())) want_key_frame(key, old_key_frame);
}

// A name that was never published and that nobody waits for is forgotten at once, unless it is being brought.
bool Hub::forgets(FeedSeats& seat, const base::StreamKey& key, Clock::time_point now) const {
  if (seat.subscriptions > 0) return false;
  const bool fetched = directory_.starting(key);
  if (!fetched && !seat.was_live) return true;
  return now - seat.empty_since >= (fetched ? linger_of(*config_, key) : feed_linger);
}

void Hub::tend_feeds(Clock::time_point now) {
  counts_.awaited = 0;
  for (auto it = feeds_.begin(); it != feeds_.end();) {
    FeedSeats& seat = *it->second;
    seat.feed->check_stalled(now);
    seat.was_live = seat.was_live || seat.feed->live();
    counts_.awaited += !seat.feed->live();
    if (!forgets(seat, it->first.key, now)) {
      ++it;
      continue;
    }
    const FeedKey key = it->first;
    skips_of_closed_feeds_ += seat.feed->skips();
    unwant(key.key, {worker_.index(), key.format});
    it = feeds_.erase(it);
  }
  for (auto it = asked_.begin(); it != asked_.end();) {
    if (it->second.visits > 0 || now - it->second.last < linger_of(*config_, it->first)) {
      ++it;
      continue;
    }
    unwant(it->first, {worker_.index(), asked_for});
    it = asked_.erase(it);
  }
}

}  // namespace weir::hub
