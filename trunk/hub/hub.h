#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/config.h"
#include "hub/admission.h"
#include "hub/cadence.h"
#include "hub/directory.h"
#include "hub/event.h"
#include "hub/feed.h"
#include "hub/registry.h"
#include "hub/source.h"
#include "net/worker.h"

namespace weir::hub {

class Hub;

// A feed and how many subscriptions it has; the Hub closes it some time after the last one left.
struct FeedSeats {
  std::unique_ptr<Feed> feed;
  std::size_t subscriptions = 0;
  std::chrono::steady_clock::time_point empty_since{};
};

// Token of a publisher: while it lives, the name is taken and the stream exists. Destroying it unpublishes. On its
// worker; must not outlive the Hub.
class Publication {
 public:
  Publication(Publication&& other) noexcept
      : hub_(std::exchange(other.hub_, nullptr)),
        key_(std::move(other.key_)),
        resume_at_(other.resume_at_),
        ticket_(std::move(other.ticket_)),
        permit_(std::move(other.permit_)) {}
  Publication& operator=(Publication&&) = delete;
  ~Publication();

  Source& source() const;
  // Where the timeline of this stream should begin: behind that of the publisher before, if readers stayed on.
  base::Ticks resume_at() const { return resume_at_; }
  const Record& record() const { return ticket_.record(); }

 private:
  friend class Hub;
  Publication(Hub& hub, base::StreamKey key, base::Ticks resume_at, Registry::Ticket ticket, Permit permit)
      : hub_(&hub),
        key_(std::move(key)),
        resume_at_(resume_at),
        ticket_(std::move(ticket)),
        permit_(std::move(permit)) {}
  Hub* hub_;
  base::StreamKey key_;
  base::Ticks resume_at_;
  Registry::Ticket ticket_;
  Permit permit_;
};

// Token of a player: a seat at a Feed. Destroying it leaves. Same rules.
class Subscription {
 public:
  Subscription(Subscription&& other) noexcept
      : hub_(std::exchange(other.hub_, nullptr)),
        seat_(other.seat_),
        ticket_(std::move(other.ticket_)),
        permit_(std::move(other.permit_)) {}
  Subscription& operator=(Subscription&&) = delete;
  ~Subscription();

  Feed& feed() const { return *seat_->feed; }
  Record& record() const { return ticket_.record(); }

 private:
  friend class Hub;
  Subscription(Hub& hub, FeedSeats& seat, Registry::Ticket ticket, Permit permit)
      : hub_(&hub), seat_(&seat), ticket_(std::move(ticket)), permit_(std::move(permit)) {}
  Hub* hub_;
  FeedSeats* seat_;
  Registry::Ticket ticket_;
  Permit permit_;
};

// Token of a player that is no connection, as one of HLS is: it is admitted, listed and told of like any other, under
// an id of its own, and has no feed. Destroying it stops it. Same rules.
class Visit {
 public:
  Visit(Visit&& other) noexcept
      : hub_(std::exchange(other.hub_, nullptr)),
        ticket_(std::move(other.ticket_)),
        permit_(std::move(other.permit_)) {}
  Visit& operator=(Visit&&) = delete;
  ~Visit();

  Record& record() const { return ticket_.record(); }

 private:
  friend class Hub;
  Visit(Hub& hub, Registry::Ticket ticket, Permit permit)
      : hub_(&hub), ticket_(std::move(ticket)), permit_(std::move(permit)) {}
  Hub* hub_;
  Registry::Ticket ticket_;
  Permit permit_;
};

// The streams of one worker, and the only door through which sessions reach them.
class Hub {
 public:
  // The hubs of all workers by index, for messages between them. Complete before the workers start.
  using Peers = std::vector<Hub*>;

  Hub(net::Worker& worker, Directory& directory, const Formats& formats, const Peers& peers,
      std::shared_ptr<const config::Config> config);
  ~Hub();

  net::Worker& worker() { return worker_; }
  Registry& registry() { return registry_; }
  EventBus& events() { return events_; }
  Admission& admission() { return admission_; }
  const Cadence& cadence() const { return cadence_; }
  const std::shared_ptr<const config::Config>& config() const { return config_; }
  // A reload: running streams keep going with what of the new settings applies to them.
  void set_config(std::shared_ptr<const config::Config> config);
  // From now on nobody is admitted any more.
  void drain() { draining_ = true; }
  bool draining() const { return draining_; }

  // Errc::busy, refused, limit, ...; what the rules and hooks say. `stream` is what the record counts; it may be null.
  net::Task<base::Result<Publication>> publish(net::Life& life, Request request, const net::ByteStream* stream);
  // A stream that nobody publishes yet is waited for: its feed is not live.
  net::Task<base::Result<Subscription>> subscribe(net::Life& life, Request request, FormatId format,
                                                  const net::ByteStream* stream);
  // `life` is that of the request which begins the visit; `id` outlives it.
  net::Task<base::Result<Visit>> visit(net::Life& life, Request request, base::SessionId id);

  struct StreamView {
    base::StreamKey key;
    const Request* request = nullptr;
    Source* source = nullptr;
    const Record* publisher = nullptr;
  };
  template <class F>
  void each_source(F visit) const {
    for (const auto& [key, entry] : sources_)
      visit(StreamView{key, &entry->record->request, entry->source.get(), entry->record});
  }
  Source* find_source(const base::StreamKey& key) const;
  Directory& directory() const { return directory_; }
  std::uint64_t player_skips() const;

 private:
  friend class Publication;
  friend class Subscription;
  friend class Visit;
  struct Published {
    std::unique_ptr<Source> source;
    const Record* record = nullptr;
  };
  struct FeedKey {
    base::StreamKey key;
    FormatId format;
    bool operator==(const FeedKey&) const = default;
  };
  struct FeedKeyHash {
    std::size_t operator()(const FeedKey& key) const noexcept {
      return std::hash<base::StreamKey>{}(key.key) * 31 + static_cast<std::size_t>(key.format);
    }
  };
  net::Task<base::Result<Directory::Claim>> claim(net::Life& life, const Request& request);
  void unpublish(const base::StreamKey& key, const Record& record);
  void leave(FeedSeats& seat, const Record& record);
  FeedSeats& open_feed(const FeedKey& key, const std::shared_ptr<const config::Vhost>& vhost);
  void add_outlet(const base::StreamKey& key, const Want& want);
  void remove_outlet(const base::StreamKey& key, const Want& want);
  void drain_box(const base::StreamKey& key, FormatId format, const std::shared_ptr<MirrorBox>& box);
  void tick();

  // given
  net::Worker& worker_;
  Directory& directory_;
  const Formats& formats_;
  const Peers& peers_;
  std::shared_ptr<const config::Config> config_;

  // owned
  Cadence cadence_;
  Registry registry_;
  EventBus events_;
  Admission admission_;
  std::unordered_map<base::StreamKey, std::unique_ptr<Published>> sources_;
  std::unordered_map<FeedKey, std::unique_ptr<FeedSeats>, FeedKeyHash> feeds_;

  // state
  bool draining_ = false;
  unsigned ticks_ = 0;
  std::uint64_t skips_of_closed_feeds_ = 0;
};

}  // namespace weir::hub
