#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/stats/catalogue.h"
#include "app/stats/rows.h"
#include "hub/hub.h"

namespace weir::stats {

// Totals and their rate.
class Meter {
 public:
  void add(std::uint64_t sent, std::uint64_t received);
  void sample();
  Traffic traffic() const;

 private:
  std::uint64_t sent_ = 0, received_ = 0;
  hub::RateMeter sent_rate_, received_rate_;
};

// The sessions of one worker, counted by stream and virtual host. Learns of them from the Hub's events; adds up their
// bytes a twelfth of them at each tick, so that each is looked at every three seconds and no tick is long. Made before
// the workers start; on its worker from then on.
class WorkerStats {
 public:
  // Tells the first worker's Catalogue that a stream came to this worker, or left it.
  struct Announce {
    std::function<void(Listing)> came;
    std::function<void(const base::StreamKey&)> left;
  };

  WorkerStats(hub::Hub& hub, Announce announce);
  WorkerStats(const WorkerStats&) = delete;

  // What WebRTC knows of a session of this worker; none: it is not one of its own.
  using DescribeRtc = std::function<std::optional<session::webrtc::Report>(const base::SessionId&)>;
  void describe_rtc(DescribeRtc describe) { describe_rtc_ = std::move(describe); }

  // Sessions in order of their ids.
  std::size_t client_count(const Filter& filter) const;
  std::vector<ClientRow> clients(const Filter& filter, std::size_t start, std::size_t count) const;
  std::optional<ClientRow> client(const base::SessionId& id) const;
  // This worker's share of the stream; `clients` is 0 if it has none.
  StreamRow stream(const Listing& listing) const;
  std::vector<VhostRow> vhosts() const;
  enum class Skips : std::uint8_t { left_out, counted };  // counting them walks all feeds
  WorkerRow totals(Skips skips) const;

  enum class Kick : std::uint8_t { unknown, stopped, no_connection };
  Kick kick(const base::SessionId& id, base::ErrorCode why);
  // Every session of the stream; how many.
  std::size_t kick_stream(const base::StreamKey& key, base::ErrorCode why);

 private:
  struct VhostCount {
    std::uint32_t clients = 0, streams = 0;
    Meter meter;
  };
  // What the publisher brought in the last three seconds.
  struct Intake {
    std::uint64_t frames_before = 0, video_before = 0, audio_before = 0;
    double frames_per_second = 0;
    std::uint32_t video_kbps = 0, audio_kbps = 0;
  };
  struct StreamCount {
    Listing listing;
    std::string tc_url;
    base::SessionId publisher;
    std::vector<base::SessionId> clients;  // sorted
    ByProtocol<std::uint32_t> players{};
    std::uint64_t skips = 0, errors = 0;
    Intake intake;
    Meter meter;
    VhostCount* vhost = nullptr;
  };
  enum class Role : std::uint8_t { waiting, publisher, player };  // waiting: for rules and hooks to admit it
  struct Seat {
    StreamCount* stream = nullptr;
    std::uint64_t sent = 0, received = 0, skips = 0;  // counted so far
    std::uint8_t protocol = 0;
    Role role = Role::waiting;
    bool has_media = false;  // and that is counted
  };

  void on_event(const hub::Event& event);
  void enter(const hub::Event& event);
  void begin(const hub::Event& event);
  void leave(const hub::Event& event);
  void count(Seat& seat, std::uint64_t sent, std::uint64_t received, std::uint64_t skips);
  void note_first(Seat& seat, const hub::Record& record);
  void forget(const StreamCount& stream);
  void tick();
  void sample_sessions();
  void sample_rates();
  ClientRow row_of(const hub::Record& record) const;
  void add_transports(WorkerRow& row) const;
  std::optional<HomeRow> home_row(const base::StreamKey& key) const;
  PublishRow publish_row(const hub::Record& record, const hub::InputFigures& input, const Intake& intake) const;
  // The sessions among which a filter looks, in order: those of one stream where it names one. `room` is for these.
  const std::vector<base::SessionId>& candidates(const Filter& filter, std::vector<base::SessionId>& room) const;
  bool admits(const Filter& filter, const hub::Record& record) const;

  // given
  hub::Hub& hub_;
  Announce announce_;
  DescribeRtc describe_rtc_;

  // state
  std::unordered_map<std::string, VhostCount> vhosts_;  // never shrinks: a virtual host once seen stays listed
  std::unordered_map<base::StreamKey, StreamCount> streams_;
  std::unordered_map<std::string, std::vector<const StreamCount*>> by_name_;  // the same, by the name of the stream
  std::unordered_map<base::SessionId, Seat> seats_;
  std::vector<base::SessionId> sorted_;
  Meter meter_;
  ByProtocol<ProtocolRow> protocols_{};
  base::SessionId sampled_to_;
  std::uint32_t publishers_ = 0;
  std::uint64_t errors_ = 0;
  unsigned ticks_ = 0;
};

}  // namespace weir::stats
