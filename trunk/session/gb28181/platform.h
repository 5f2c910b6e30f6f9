#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/config.h"
#include "proto/sip/digest.h"
#include "session/gb28181/below.h"
#include "session/gb28181/calls.h"
#include "session/gb28181/collection.h"
#include "session/gb28181/source_limits.h"
#include "session/gb28181/stream_names.h"
#include "session/gb28181/subscriptions.h"
#include "session/gb28181/talks.h"
#include "session/gb28181/upper.h"

namespace weir::session::gb28181 {

// The platform that devices of GB/T 28181 register with: who is there, what channels they have, and the calls to them.
// Without sockets and clock: tests step it. On one worker.
class Platform : private Below {
 public:
  struct Settings {
    std::string id, domain, password;
    std::unordered_map<std::string, config::StreamCaster::Device> devices;
    bool devices_only = false, strict_id = false, use_source_address = true, on_demand = false;
    base::Millis keepalive{180'000};
    std::string output;
    Calls::Settings calls;
    Talks::Settings talks;
    std::vector<Subscriptions::Topic> subscribe;
    std::vector<config::StreamCaster::Upper> uppers;  // ids and domains filled in
    sip::Nonces::Secret secret{};
    std::function<std::string()> make_id;
  };
  static Settings settings_of(const config::StreamCaster& caster);

  Platform(Outside& outside, Settings settings);
  Platform(const Platform&) = delete;

  // A message as it came.
  void input(sip::Message message, const sip::Way& way);
  void bad_message() { ++counts_.bad_messages; }
  void connection_lost(std::uint64_t connection);
  // Several times a second.
  void tick();
  void stop();
  // After stop(): every platform above has heard that this server leaves, or does not answer.
  bool left() const;

  // A player wants a stream with such a name. Failures go to Outside::cannot_start.
  void want(const hub::Request& request, const StreamNames::Place& place);
  void unwant(const base::StreamKey& key) { calls_.unwanted(key); }
  const StreamNames& names() const { return names_; }
  bool on_demand() const { return settings_.on_demand; }

  // What the API asks for. Errors are SignalErrc's.
  struct Ask {
    std::string device, channel;  // channel empty: the first one
    Purpose purpose = Purpose::live;
    Span span{};
    unsigned speed = 0;
  };
  base::Result<base::StreamKey> invite(const Ask& ask);
  base::Result<void> bye(const base::StreamKey& key);
  base::Result<void> control(const base::StreamKey& key, const manscdp::Playback& what) override {
    return calls_.control(key, what);
  }
  // One element of DeviceControl: PTZCmd with its bytes, IFameCmd, ...
  base::Result<void> command(const std::string& device, const std::string& channel, std::string_view name,
                             const std::string& value) override;
  // The catalogue and what else the device says of itself, anew.
  base::Result<void> refresh(const std::string& device);
  // Sound of a stream to a loudspeaker; gives whose id it has. `channel` empty: that of the catalogue, or else the
  // device's first channel.
  struct TalkAsk {
    std::string device, channel, vhost, app, stream;
    TalkWay way = TalkWay::broadcast;
  };
  base::Result<std::string> talk(const TalkAsk& ask);
  base::Result<void> end_talk(const std::string& device, const std::string& channel);
  std::vector<TalkRow> talks(const std::string& device = {}) const { return talks_.rows(device); }
  using Records = DeviceRecords;
  // `then` is called once, later. Times as 2026-01-02T03:04:05.
  base::Result<void> query_records(const std::string& device, const std::string& channel, const std::string& start,
                                   const std::string& end, std::function<void(Records)> then) override;

  std::vector<DeviceRow> devices(std::size_t from, std::size_t count) const;
  base::Result<DeviceRow> device(const std::string& id) const;
  base::Result<std::vector<ChannelRow>> channels(const std::string& id) const;
  std::vector<CallRow> calls(const std::string& device = {}) const { return calls_.rows(device); }
  std::vector<UpperRow> uppers() const;
  Totals totals() const;
  // For who keeps devices over a restart: before the first message, and whenever `changes` became another.
  bool restore(DeviceMemory memory) { return devices_.restore(std::move(memory), outside_.now(), outside_.wall()); }
  std::uint64_t changes() const { return devices_.changes(); }
  std::vector<std::string> ids() const;
  std::optional<DeviceMemory> memory_of(const std::string& id) const;

  static constexpr unsigned catalog_tries = 3;
  static constexpr std::chrono::seconds catalog_pause{5};      // before the next try
  static constexpr std::chrono::seconds collection_limit{10};  // behind the last piece
  static constexpr std::chrono::seconds records_limit{8};      // of all pieces: somebody waits for them
  static constexpr std::size_t most_queries = 1'000;
  static constexpr std::uint32_t shortest_expiry = 60, longest_expiry = 86'400, usual_expiry = 3'600;  // seconds

 private:
  struct Catalogue {
    std::uint32_t sn = 0;
    Collection<manscdp::CatalogItem> items;
  };
  struct RecordQuery {
    std::string device;
    Collection<manscdp::RecordItem> items;
    std::function<void(Records)> then;
  };
  enum class Due : std::uint8_t { alive, catalogue, records };
  using DueKey = std::pair<Due, std::string>;  // a device's id, or the number of a query

  void make_uppers();
  std::optional<StreamNames::Place> place_of(const hub::Request& stream) const override;
  base::Result<hub::Request> begin_recording(const StreamNames::Place& place, Purpose purpose, Span span,
                                             unsigned speed) override;
  std::uint64_t file_bytes(const base::StreamKey& key) const override { return calls_.file_bytes(key); }
  void end_recording(const base::StreamKey& key) override;
  // platform_register.cpp
  void on_request(const sip::Message& message, const sip::Way& way);
  void on_register(const sip::Message& message, const sip::Way& way);
  bool authenticated(const sip::Message& message, const sip::Way& way, const std::string& id,
                     const std::string& password);
  void challenge(const sip::Message& message, const sip::Way& way, const std::string& id, bool stale);
  void registered(Device& device, const sip::Message& message, const sip::Way& way, std::uint32_t expires);
  void gone(Device& device, std::string reason, base::ErrorCode why);
  void heard_of(Device& device, const sip::Way& way);
  const std::string& password_of(const std::string& id) const;
  void choose_way(Device& device) const;
  // platform_messages.cpp
  void on_message(const sip::Message& message, const sip::Way& way);
  void on_notify(Device& device, const manscdp::Message& said, const sip::Message& message);
  void on_response(Device& device, const manscdp::Message& said);
  void ask_catalogue(Device& device);
  void catalogue_done(Device& device, bool in_time);
  void records_done(std::uint32_t sn, bool in_time);
  void begin_always(const Device& device);
  std::vector<base::StreamKey> streams_of(const Device& device, const std::string& channel) const;
  base::Result<Device*> reachable(const std::string& id);
  std::string loudspeaker_of(const Device& device, const std::string& channel) const;
  base::Result<std::string> channel_of(const Device& device, const std::string& channel) const;
  DeviceRow row_of(const Device& device) const;
  std::uint32_t next_sn() { return sn_ = sn_ % 0x3fffffff + 1; }

  // given
  Outside& outside_;
  Settings settings_;

  // owned
  StreamNames names_;
  Line line_;
  Devices devices_;
  Calls calls_;
  Talks talks_;
  Subscriptions subscriptions_;
  sip::Nonces nonces_;
  SourceLimits limits_;
  std::map<base::StreamKey, std::size_t> recordings_;  // that platforms above play, by how many
  std::vector<std::unique_ptr<Upper>> uppers_;
  Agenda<DueKey> agenda_;
  std::unordered_map<std::string, Catalogue> catalogues_;                   // under way, by device
  std::unordered_map<std::uint32_t, RecordQuery> records_;                  // by SN
  std::unordered_map<std::uint64_t, std::set<std::string>> of_connection_;  // devices

  // state
  std::uint32_t sn_ = 0;
  Totals counts_;
};

}  // namespace weir::session::gb28181
