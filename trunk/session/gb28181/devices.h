#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "format/manscdp/message.h"
#include "proto/sip/transactions.h"
#include "session/gb28181/signal_error.h"

namespace weir::session::gb28181 {

using WallTime = std::chrono::system_clock::time_point;

// A camera, recorder or lower platform that has registered.
struct Device {
  std::string id;
  std::string name, manufacturer, model, firmware;
  std::string version;      // X-GB-Ver; empty before 2022
  sip::Way source;          // where its last packet came from
  sip::Way way;             // where it is written to: there, or to Contact
  std::string contact;      // as it registered
  std::string register_id;  // Call-ID of its registration
  bool online = false;
  bool reachable = false;      // false: its connection is closed
  std::string offline_reason;  // in words
  base::Instant offline_since{};
  base::Instant seen{};
  base::Instant registered_until{};
  WallTime registered_at{}, seen_at{};
  std::uint64_t keepalives = 0, alarms = 0, moves = 0;  // moves: it came from another address
  manscdp::Position position;                           // empty: none was told

  std::vector<manscdp::CatalogItem> channels;  // what of the catalogue can be invited
  std::string loudspeaker;                     // the first of the catalogue's voice outputs; empty: it has none
  enum class Catalog : std::uint8_t { unknown, asked, partial, complete } catalog = Catalog::unknown;
  std::size_t catalog_total = 0;  // announced, with what is no channel
  std::size_t catalog_got = 0;
  unsigned catalog_tries = 0;  // in a row

  bool speaks_2022() const { return version.size() >= 2 && version[0] >= '3' && version[0] <= '9'; }
  const manscdp::CatalogItem* find_channel(const std::string& channel) const;
};

// What is kept of a device over a restart.
struct DeviceMemory {
  std::string id, name, manufacturer, model, firmware, version;
  WallTime seen_at{};
  std::vector<manscdp::CatalogItem> channels;
};

// Those that have registered since the start, as far as there is room: who is offline the longest goes first.
class Devices {
 public:
  static constexpr std::size_t most_devices = 20'000;
  static constexpr std::size_t most_channels = 200'000;  // of all

  Device* find(const std::string& id);
  const Device* find(const std::string& id) const;
  // Null if there is no room.
  Device* find_or_add(const std::string& id);
  // What is beyond the limit of all is left out and counted.
  void set_channels(Device& device, std::vector<manscdp::CatalogItem> items);
  // Channels that a device tells of by itself: added, or changed.
  void merge_channels(Device& device, const std::vector<manscdp::CatalogItem>& items);
  void set_online(Device& device, bool online, base::Instant now);
  // Offline until it speaks; what is known already stays as it is. False: there is no room.
  bool restore(DeviceMemory memory, base::Instant now, WallTime wall);
  // Something that is kept over a restart became another.
  void changed() { ++changes_; }
  std::uint64_t changes() const { return changes_; }

  std::size_t size() const { return devices_.size(); }
  std::size_t online() const { return online_; }
  std::size_t channels() const { return channels_; }
  std::uint64_t channels_left_out() const { return channels_left_out_; }
  template <class F>
  void each(F visit) const {
    for (const auto& [id, device] : devices_) visit(*device);
  }

 private:
  std::unordered_map<std::string, std::unique_ptr<Device>> devices_;
  std::set<std::pair<base::Instant, std::string>> offline_;  // since when
  std::size_t online_ = 0, channels_ = 0;
  std::uint64_t channels_left_out_ = 0, changes_ = 0;
};

}  // namespace weir::session::gb28181
