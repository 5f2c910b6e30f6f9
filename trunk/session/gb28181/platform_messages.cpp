#include <algorithm>

#include "base/text.h"
#include "session/gb28181/platform.h"

// What devices say: MESSAGE and NOTIFY with MANSCDP.
namespace weir::session::gb28181 {

using base::iequals;
using manscdp::Message;

void Platform::on_message(const sip::Message& message, const sip::Way& way) {
  const base::Instant now = outside_.now();
  Device* device = devices_.find(message.from.uri.user);
  // 403 makes a device register anew. One whose password was asked for cannot be moved to another address by a message
  // that anybody can write.
  const bool moved =
      device && device->online && device->source.address != way.address && !password_of(device->id).empty();
  if (!device || !device->online || moved) {
    ++counts_.unknown_devices;
    return line_.answer(message, way, 403, now);
  }
  const auto said = manscdp::parse(message.body);
  if (!said) {
    ++counts_.bad_messages;
    return line_.answer(message, way, 400, now);
  }
  line_.answer(message, way, 200, now);
  heard_of(*device, way);
  if (message.method == "NOTIFY") subscriptions_.on_notify(device->id, message);
  if (said->kind == Message::Kind::notify) return on_notify(*device, *said, message);
  if (said->kind == Message::Kind::response) on_response(*device, *said);
}

void Platform::on_notify(Device& device, const Message& said, const sip::Message& message) {
  const std::string channel = manscdp::is_id(said.device) ? said.device : device.id;
  if (iequals(said.command, "Keepalive")) {
    ++counts_.keepalives;
    ++device.keepalives;
    if (device.catalog == Device::Catalog::unknown && device.catalog_tries < catalog_tries &&
        !catalogues_.contains(device.id)) {
      ask_catalogue(device);
    }
  } else if (iequals(said.command, "Alarm")) {
    ++counts_.alarms;
    ++device.alarms;
    const manscdp::Alarm alarm = manscdp::alarm_of(said);
    (void)line_.send_body(device.id, device.way, manscdp::response_ok("Alarm", said.sn, channel), outside_.now());
    outside_.tell({.kind = DeviceEvent::Kind::alarm, .device = device, .channel = channel, .alarm = &alarm});
    if (uppers_.empty()) return;
    const auto streams = streams_of(device, channel);
    for (const auto& upper : uppers_) upper->tell_alarm(streams, alarm);
  } else if (iequals(said.command, "MobilePosition")) {
    ++counts_.positions;
    device.position = manscdp::position_of(said);
    outside_.tell({.kind = DeviceEvent::Kind::position, .device = device, .channel = channel});
    if (uppers_.empty()) return;
    const auto streams = streams_of(device, channel);
    for (const auto& upper : uppers_) upper->tell_position(streams, device.position);
  } else if (iequals(said.command, "MediaStatus")) {
    // 121: what was to be played back has been sent.
    if (said.root.text_of("NotifyType") == "121") calls_.on_media_status(message, device.id, channel);
  } else if (iequals(said.command, "Catalog")) {
    devices_.merge_channels(device, manscdp::catalog_of(said).items);
  }
}

// The names that its picture may have: its own, and that of the device for the first channel, or for the device itself.
std::vector<base::StreamKey> Platform::streams_of(const Device& device, const std::string& channel) const {
  std::vector<base::StreamKey> out;
  const auto add = [&](const std::string& named) {
    const auto name = names_.of(device.id, named);
    if (const auto request = outside_.request_of(names_.vhost(), name.app, name.stream)) out.push_back(request->key());
  };
  const bool first = device.channels.empty() || device.channels.front().id == channel || device.id == channel;
  if (channel != device.id) add(channel);
  if (first) add({});
  if (channel == device.id && !device.channels.empty()) add(device.channels.front().id);
  return out;
}

void Platform::on_response(Device& device, const Message& said) {
  if (iequals(said.command, "Catalog")) {
    const auto found = catalogues_.find(device.id);
    auto piece = manscdp::catalog_of(said);
    if (found == catalogues_.end() || found->second.sn != said.sn) {
      // An answer to no question of ours wipes nothing.
      devices_.merge_channels(device, piece.items);
      return;
    }
    found->second.items.add(std::move(piece));
    if (found->second.items.complete()) return catalogue_done(device, true);
    agenda_.set({Due::catalogue, device.id}, outside_.now() + collection_limit);
  } else if (iequals(said.command, "Broadcast")) {
    talks_.on_response(device.id, said);
  } else if (iequals(said.command, "RecordInfo")) {
    const auto found = records_.find(said.sn);
    if (found == records_.end() || found->second.device != device.id) return;
    found->second.items.add(manscdp::records_of(said));
    if (found->second.items.complete()) records_done(said.sn, true);
  } else if (iequals(said.command, "DeviceInfo")) {
    const auto take = [&](std::string& out, std::string_view name) {
      const std::string_view text = said.root.text_of(name);
      if (!text.empty()) out = text.substr(0, 128);
    };
    if (!settings_.devices.contains(device.id) || device.name.empty()) take(device.name, "DeviceName");
    take(device.manufacturer, "Manufacturer");
    take(device.model, "Model");
    take(device.firmware, "Firmware");
    devices_.changed();
  }
}

void Platform::ask_catalogue(Device& device) {
  ++device.catalog_tries;
  if (device.catalog == Device::Catalog::unknown) device.catalog = Device::Catalog::asked;
  const std::uint32_t sn = next_sn();
  catalogues_[device.id] = {.sn = sn};
  agenda_.set({Due::catalogue, device.id}, outside_.now() + catalog_pause);
  if (device.model.empty()) {
    (void)line_.send_body(device.id, device.way, manscdp::query("DeviceInfo", next_sn(), device.id), outside_.now());
  }
  (void)line_.send_body(device.id, device.way, manscdp::query("Catalog", sn, device.id), outside_.now());
}

void Platform::catalogue_done(Device& device, bool in_time) {
  agenda_.cancel({Due::catalogue, device.id});
  const auto found = catalogues_.find(device.id);
  if (found == catalogues_.end()) return;
  auto items = std::move(found->second.items);
  catalogues_.erase(found);
  const bool nothing = items.size() == 0 && !in_time;
  if (nothing && device.catalog_tries < catalog_tries) return ask_catalogue(device);
  if (nothing) {
    if (device.catalog == Device::Catalog::asked) device.catalog = Device::Catalog::unknown;
  } else {
    device.catalog_total = std::max(items.total(), items.size());
    device.catalog_got = items.size();
    const bool complete = items.complete();
    // What is missing of a catalogue that was known is kept.
    if (complete) {
      device.catalog = Device::Catalog::complete;
      devices_.set_channels(device, items.take());
    } else {
      device.catalog = Device::Catalog::partial;
      devices_.merge_channels(device, items.take());
    }
  }
  begin_always(device);
}

// As SRS does: every channel of a device that has registered, or the device itself if it tells of none.
void Platform::begin_always(const Device& device) {
  if (settings_.on_demand || !device.online) return;
  const auto begin = [&](const std::string& channel, const std::string& named) {
    const auto name = names_.of(device.id, named);
    auto request = outside_.request_of(names_.vhost(), name.app, name.stream);
    if (!request) return;
    (void)calls_.begin(
        {.request = *std::move(request), .device = device.id, .channel = channel, .reason = CallPlan::Reason::always});
  };
  if (device.channels.empty()) return begin(device.id, {});
  // The first one has the name that SRS gives, the device's.
  bool first = true;
  for (const manscdp::CatalogItem& item : device.channels) {
    begin(item.id, first ? std::string() : item.id);
    first = false;
  }
}

void Platform::records_done(std::uint32_t sn, bool in_time) {
  agenda_.cancel({Due::records, std::to_string(sn)});
  const auto found = records_.find(sn);
  if (found == records_.end()) return;
  RecordQuery query = std::move(found->second);
  records_.erase(found);
  Records out{.total = query.items.total(), .complete = query.items.complete()};
  if (!in_time && query.items.size() == 0 && !out.complete) out.why = SignalErrc::no_answer;
  out.items = query.items.take();
  query.then(std::move(out));
}

}  // namespace weir::session::gb28181
