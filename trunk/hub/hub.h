#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/config.h"
#include "hub/admission.h"
#include "hub/cadence.h"
#include "hub/demand.h"
#include "hub/directory.h"
#include "hub/event.h"
#include "hub/feed.h"
#include "hub/input.h"
#include "hub/registry.h"
#include "hub/stream.h"
#include "net/worker.h"

namespace weir::hub {

class Hub;
class InputBox;

// A feed and how many subscriptions it has; the Hub closes it some time after the last one left.
struct FeedSeats {
  std::unique_ptr<Feed> feed;
  std::size_t subscriptions = 0;
  std::chrono::steady_clock::time_point empty_since{};
  bool was_live = false;
};

// Keeps a stream at home although nobody feeds it: what was made of it is still served, and the next publisher goes on
// with it here. On the stream's home worker; must not outlive the Hub.
class StreamHold {
 public:
  StreamHold() = default;
  StreamHold(Hub& hub, base::StreamKey key) : hub_(&hub), key_(std::move(key)) {}
  StreamHold(StreamHold&& other) noexcept : hub_(std::exchange(other.hub_, nullptr)), key_(std::move(other.key_)) {}
  StreamHold& operator=(StreamHold&& other) noexcept {
    std::swap(hub_, other.hub_);
    std::swap(key_, other.key_);
    return *this;
  }
  ~StreamHold();

 private:
  Hub* hub_ = nullptr;
  base::StreamKey key_;
};

// What whoever sends a stream on reads, and what is listed of it. Both outlive who holds this.
struct Seat {
  Feed& feed;
  Record& record;
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
  operator Seat() const { return {feed(), record()}; }

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
// an id of its own, and has no feed. Its stream is wanted as long as it lasts. Destroying it stops it. Same rules.
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
  Cadence& cadence() { return cadence_; }
  const Formats& formats() const { return formats_; }
  const std::shared_ptr<const config::Config>& config() const { return config_; }
  // A reload: running streams keep going with what of the new settings applies to them.
  void set_config(std::shared_ptr<const config::Config> config);
  // The budget of the process, before the workers start; none if it is not called.
  void set_memory(MemoryBudget& memory) { memory_ = &memory; }
  MemoryBudget* memory() const { return memory_; }
  // Where sound is made in other codecs; as above.
  void set_bridge(AudioBridge& bridge) { bridge_ = &bridge; }
  // From now on nobody is admitted any more, and nobody who was cut off is waited for.
  void drain();
  bool draining() const { return draining_; }
  // Streams without a publisher, and those with several: whose time is over. At each tick.
  void tend_streams(std::chrono::steady_clock::time_point now);
  // Feeds and names that nobody wants any more go. At each tick.
  void tend_feeds(std::chrono::steady_clock::time_point now);

  // Errc::busy, refused, limit, ...; what the rules and hooks say.
  net::Task<Verdict<Input>> publish(net::Life& life, Request request, Link link);
  // A stream that nobody publishes yet is waited for: its feed is not live.
  net::Task<Verdict<Subscription>> subscribe(net::Life& life, Request request, FormatId format, Link link);
  // `life` is that of the request which begins the visit; `id` outlives it.
  net::Task<Verdict<Visit>> visit(net::Life& life, Request request, base::SessionId id);

  // The streams whose home this worker is.
  Stream* find_stream(const base::StreamKey& key) const;
  // Of a stream that is over: null.
  Source* find_source(const base::StreamKey& key) const;
  template <class F>
  void each_stream(F visit) const {
    for (const auto& [key, published] : streams_) visit(*published->stream);
  }
  // Ends the session that publishes the stream, on whichever worker it is.
  void kick_publisher(const base::StreamKey& key, base::ErrorCode why);
  // Null if there is no such stream here.
  StreamHold hold(const base::StreamKey& key);
  // Of a publisher whose session is on this worker.
  const InputFigures* find_input(const base::SessionId& id) const;

  // Who brings streams that nobody publishes.
  Demand& demand() { return demand_; }
  // Somebody asks for the stream without being a reader, as players of HLS do: it is wanted for a while from now on,
  // and tried anew if it could not be brought. False if too many names are waited for.
  bool ask_for(const Request& request);
  // Told of streams that were asked for here and cannot be brought, and why. Before the workers start.
  using OnAbsent = std::function<void(const base::StreamKey&, base::ErrorCode)>;
  void when_absent(OnAbsent told) { on_absent_.push_back(std::move(told)); }
  // Of a starter, on its worker: who waits for the stream is told why, on all workers.
  void cannot_start(const base::StreamKey& key, base::ErrorCode why);
  // A reader cannot go on without a key frame: its publisher is asked for one, if it can be, and not too often; a key
  // frame that came no longer than `enough` ago will do.
  void want_key_frame(const base::StreamKey& key, std::chrono::milliseconds enough = {});
  // So old a key frame makes newcomers wait who can start nowhere else.
  static constexpr std::chrono::milliseconds old_key_frame{2000};

  // Names that are waited for and that nobody publishes, on each worker; beyond that Errc::limit.
  static constexpr std::size_t most_awaited = 10'000;
  struct Counts {
    std::uint64_t interruptions = 0, resumptions = 0, switches = 0;
    std::uint64_t slates = 0;                        // of the interruptions: with the last picture standing
    std::uint64_t awaited = 0, refused_awaited = 0;  // now, and ever
  };
  const Counts& counts() const { return counts_; }
  Directory& directory() const { return directory_; }
  std::uint64_t player_skips() const;

 private:
  friend class Input;
  friend class Subscription;
  friend class Visit;
  friend class StreamHold;
  struct Published {
    std::unique_ptr<Stream> stream;
    std::uint32_t holds = 0;
    bool tended = false;
    std::optional<Directory::Standing> told{};  // to the directory
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
  struct Asked {
    std::chrono::steady_clock::time_point last{};
    std::size_t visits = 0;
  };
  net::Task<Verdict<Permit>> admit(net::Life& life, const Request& request, Action action);
  net::Task<Refusal> turn_away(net::Life& life, const Request& request, Action action);
  net::Task<base::Result<Directory::Claim>> claim(net::Life& life, const Request& request);
  void unpublish(const Input::State& input);
  void drain_input(const base::StreamKey& key, const base::SessionId& id, const std::shared_ptr<InputBox>& box);
  Published& open_stream(const base::StreamKey& key, const std::shared_ptr<const config::Vhost>& vhost,
                         base::Ticks resume_at);
  void on_stream(StreamEvent::Kind kind, Stream& stream);
  void settle(Published& published);
  void tend_if_needed(Published& published);
  void tell_standing(Published& published);
  void let_go(const base::StreamKey& key);
  void leave(FeedSeats& seat, const Record& record);
  FeedSeats* open_feed(const FeedKey& key, const Request& request);
  void want(const base::StreamKey& key, const Want& want);
  void unwant(const base::StreamKey& key, const Want& want);
  bool forgets(FeedSeats& seat, const base::StreamKey& key, std::chrono::steady_clock::time_point now) const;
  void set_absent(const FeedKey& key, base::ErrorCode why);
  void help_newcomer(const Feed& feed, const base::StreamKey& key);
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
  MemoryBudget* memory_ = nullptr;
  AudioBridge* bridge_ = nullptr;

  // owned
  Cadence cadence_;
  Registry registry_;
  EventBus events_;
  Admission admission_;
  Demand demand_;
  std::unordered_map<base::StreamKey, std::unique_ptr<Published>> streams_;
  std::unordered_map<base::SessionId, const Input::State*> inputs_;
  std::unordered_map<FeedKey, std::unique_ptr<FeedSeats>, FeedKeyHash> feeds_;
  std::unordered_map<base::StreamKey, Asked> asked_;  // without a feed
  std::vector<OnAbsent> on_absent_;

  // state
  std::vector<base::StreamKey> tended_;  // streams for which the clock is looked at
  Counts counts_;
  bool draining_ = false;
  bool closing_ = false;
  unsigned ticks_ = 0;
  std::uint64_t skips_of_closed_feeds_ = 0;
};

}  // namespace weir::hub
