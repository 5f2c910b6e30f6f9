#include "session/gb28181/devices.h"

#include <algorithm>

#include "base/text.h"

namespace weir::session::gb28181 {

const manscdp::CatalogItem* Device::find_channel(const std::string& channel) const {
  const auto found = std::find_if(channels.begin(), channels.end(),
                                  [&](const manscdp::CatalogItem& item) { return item.id == channel; });
  return found == channels.end() ? nullptr : &*found;
}

Device* Devices::find(const std::string& id) {
  const auto found = devices_.find(id);
  return found == devices_.end() ? nullptr : found->second.get();
}

const Device* Devices::find(const std::string& id) const {
  const auto found = devices_.find(id);
  return found == devices_.end() ? nullptr : found->second.get();
}

Device* Devices::find_or_add(const std::string& id) {
  if (Device* known = find(id)) return known;
  if (devices_.size() >= most_devices) {
    if (offline_.empty()) return nullptr;
    const auto oldest = devices_.find(offline_.begin()->second);
    channels_ -= oldest->second->channels.size();
    devices_.erase(oldest);
    offline_.erase(offline_.begin());
  }
  auto device = std::make_unique<Device>();
  device->id = id;
  return devices_.emplace(id, std::move(device)).first->second.get();
}

void Devices::set_channels(Device& device, std::vector<manscdp::CatalogItem> items) {
  constexpr unsigned voice_output = 137;  // annex D
  const auto speaker = std::find_if(items.begin(), items.end(), [](const manscdp::CatalogItem& item) {
    return manscdp::type_of(item.id) == voice_output;
  });
  device.loudspeaker = speaker == items.end() ? std::string() : speaker->id;
  std::erase_if(items, [](const manscdp::CatalogItem& item) { return !item.is_channel(); });
  changed();
  channels_ -= device.channels.size();
  const std::size_t room = most_channels - channels_;
  if (items.size() > room) {
    channels_left_out_ += items.size() - room;
    items.resize(room);
  }
  channels_ += items.size();
  items.shrink_to_fit();
  device.channels = std::move(items);
}

void Devices::merge_channels(Device& device, const std::vector<manscdp::CatalogItem>& items) {
  changed();
  for (const manscdp::CatalogItem& item : items) {
    const auto found = std::find_if(device.channels.begin(), device.channels.end(),
                                    [&](const manscdp::CatalogItem& one) { return one.id == item.id; });
    if (base::iequals(item.event, "DEL")) {
      if (found == device.channels.end()) continue;
      device.channels.erase(found);
      --channels_;
    } else if (found != device.channels.end()) {
      // An event of the catalogue may hold the id and the status alone, or not even that.
      if (!item.name.empty()) {
        *found = item;
      } else if (!item.status.empty() || !base::iequals(item.event, "UPDATE")) {
        found->status = item.status.empty() ? item.event : item.status;
        found->online = item.online;
      }
    } else if (item.is_channel()) {
      if (channels_ >= most_channels) {
        ++channels_left_out_;
        continue;
      }
      ++channels_;
      device.channels.push_back(item);
    }
  }
}

void Devices::set_online(Device& device, bool online, base::Instant now) {
  if (device.online == online) return;
  device.online = online;
  changed();
  if (online) {
    ++online_;
    offline_.erase({device.offline_since, device.id});
  } else {
    --online_;
    device.offline_since = now;
    offline_.emplace(now, device.id);
  }
}

bool Devices::restore(DeviceMemory memory, base::Instant now, WallTime wall) {
  if (find(memory.id)) return true;
  if (devices_.size() >= most_devices) return false;
  Device& device = *find_or_add(memory.id);
  device.name = std::move(memory.name);
  device.manufacturer = std::move(memory.manufacturer);
  device.model = std::move(memory.model);
  device.firmware = std::move(memory.firmware);
  device.version = std::move(memory.version);
  device.seen_at = std::min(memory.seen_at, wall);
  device.seen = now - std::chrono::duration_cast<base::Instant::duration>(wall - device.seen_at);
  device.offline_reason = "it has not been heard of since this server started";
  device.offline_since = now;
  offline_.emplace(now, device.id);
  set_channels(device, std::move(memory.channels));
  return true;
}

}  // namespace weir::session::gb28181
