#include "session/gb28181/platform.h"

#include <algorithm>

#include "base/random.h"
#include "base/text.h"
#include "base/version.h"
#include "config/vhost.h"

namespace weir::session::gb28181 {

using base::Result;

std::string_view name_of(CallState state) {
  constexpr std::string_view names[] = {"waiting", "inviting", "accepted", "playing", "over"};
  return names[static_cast<std::size_t>(state)];
}
std::string_view name_of(Purpose purpose) {
  constexpr std::string_view names[] = {"live", "playback", "download"};
  return names[static_cast<std::size_t>(purpose)];
}
std::string_view name_of(Device::Catalog catalog) {
  constexpr std::string_view names[] = {"unknown", "asked", "partial", "complete"};
  return names[static_cast<std::size_t>(catalog)];
}
std::string_view name_of(MediaTransport transport) {
  constexpr std::string_view names[] = {"udp", "tcp_passive", "tcp_active"};
  return names[static_cast<std::size_t>(transport)];
}

std::string_view name_of(TalkWay way) { return way == TalkWay::talk ? "talk" : "broadcast"; }
std::string_view name_of(TalkState state) {
  constexpr std::string_view names[] = {"announced", "preparing", "inviting", "answered", "talking", "over"};
  return names[static_cast<std::size_t>(state)];
}

Platform::Settings Platform::settings_of(const config::StreamCaster& caster) {
  const config::StreamCaster::Sip& sip = caster.sip;
  Settings out{.id = sip.id,
               .domain = sip.domain.empty() ? sip.id.substr(0, 10) : sip.domain,
               .password = sip.password,
               .devices_only = sip.devices_only,
               .strict_id = sip.strict_id,
               .use_source_address = sip.use_source_address,
               .on_demand = caster.on_demand,
               .keepalive = sip.keepalive,
               .output = caster.output};
  for (const auto& device : sip.devices) out.devices.emplace(device.id, device);
  using Transport = config::StreamCaster::Transport;
  out.calls.transport = caster.transport == Transport::udp          ? MediaTransport::udp
                        : caster.transport == Transport::tcp_active ? MediaTransport::tcp_active
                                                                    : MediaTransport::tcp_passive;
  out.calls.reinvite = sip.reinvite;
  out.calls.candidate = sip.candidate;
  out.talks = {.transport = out.calls.transport, .candidate = sip.candidate, .packet = sip.talk_packet};
  for (const std::string& word : sip.subscribe) {
    if (const auto topic = Subscriptions::topic_of(word)) out.subscribe.push_back(*topic);
  }
  for (config::StreamCaster::Upper upper : sip.uppers) {
    if (!upper.enabled) continue;
    if (upper.id.empty()) upper.id = sip.id;
    if (upper.domain.empty()) upper.domain = upper.id.substr(0, 10);
    if (upper.server_domain.empty()) upper.server_domain = upper.server_id.substr(0, 10);
    out.uppers.push_back(std::move(upper));
  }
  base::fill_random(out.secret);
  out.make_id = [] { return base::random_text(16); };
  return out;
}

Platform::Platform(Outside& outside, Settings settings)
    : outside_(outside),
      settings_(std::move(settings)),
      names_(settings_.output),
      line_({.id = settings_.id,
             .domain = settings_.domain,
             .make_id = settings_.make_id,
             .send = [this](const sip::Outgoing& one) { outside_.send(one); },
             .on_request = [this](const sip::Message& message, const sip::Way& way) { on_request(message, way); }}),
      calls_(outside_, line_, devices_, settings_.calls),
      talks_(outside_, line_, devices_, settings_.talks),
      subscriptions_(outside_, line_, devices_, settings_.subscribe),
      nonces_(settings_.secret) {
  make_uppers();
}

// Streams of hosts that are not there are shown to nobody.
void Platform::make_uppers() {
  for (const config::StreamCaster::Upper& upper : settings_.uppers) {
    Upper::Settings settings{.upper = upper, .firmware = std::string(base::version)};
    for (const auto& channel : upper.channels) {
      std::string vhost(config::default_vhost_name), path = channel.stream;
      if (std::count(path.begin(), path.end(), '/') > 1) {
        const auto [host, rest] = base::split_first(channel.stream, '/');
        vhost = host;
        path = rest;
      }
      const auto slash = path.rfind('/');
      auto request = outside_.request_of(vhost, path.substr(0, slash), path.substr(slash + 1));
      if (!request) continue;
      settings.channels.push_back(
          {channel.id, channel.name.empty() ? channel.stream : channel.name, *std::move(request)});
    }
    uppers_.push_back(std::make_unique<Upper>(outside_, line_, static_cast<Below&>(*this), std::move(settings)));
  }
}

void Platform::input(sip::Message message, const sip::Way& way) {
  line_.input(std::move(message), way, outside_.now());
}

void Platform::connection_lost(std::uint64_t connection) {
  if (const auto found = of_connection_.find(connection); found != of_connection_.end()) {
    for (const std::string& id : found->second) {
      // Media goes on; the device comes back with another connection, or is given up when its time is over.
      if (Device* device = devices_.find(id); device && device->source.connection == connection)
        device->reachable = false;
    }
    of_connection_.erase(found);
  }
  line_.connection_lost(connection);
  for (const auto& upper : uppers_) upper->connection_lost(connection);
}

void Platform::tick() {
  const base::Instant now = outside_.now();
  while (const auto due = agenda_.take_due(now)) {
    if (due->first == Due::records) {
      records_done(static_cast<std::uint32_t>(std::stoul(due->second)), false);
      continue;
    }
    Device* device = devices_.find(due->second);
    if (!device) continue;
    if (due->first == Due::catalogue) {
      catalogue_done(*device, false);
    } else if (device->online) {
      const bool expired = device->registered_until <= now;
      ++counts_.lost;
      gone(*device, expired ? "its registration expired" : "it has said nothing for too long",
           SignalErrc::device_offline);
    }
  }
  calls_.tick(now);
  talks_.tick(now);
  subscriptions_.tick(now);
  for (const auto& upper : uppers_) upper->tick(now);
  line_.tick(now);
}

void Platform::stop() {
  for (const auto& upper : uppers_) upper->stop();
  talks_.end_all(SignalErrc::not_wanted);
  calls_.end_all(SignalErrc::not_wanted);
}

bool Platform::left() const {
  return std::all_of(uppers_.begin(), uppers_.end(), [](const auto& upper) { return upper->left(); });
}

std::optional<StreamNames::Place> Platform::place_of(const hub::Request& stream) const {
  auto place = names_.find(stream.app, stream.stream);
  if (!place || !devices_.find(place->device)) return std::nullopt;
  const auto ours = outside_.request_of(names_.vhost(), stream.app, stream.stream);
  if (!ours || ours->key() != stream.key()) return std::nullopt;
  return place;
}

Result<hub::Request> Platform::begin_recording(const StreamNames::Place& place, Purpose purpose, Span span,
                                               unsigned speed) {
  TRY(const base::StreamKey key,
      invite({.device = place.device, .channel = place.channel, .purpose = purpose, .span = span, .speed = speed}));
  auto request = outside_.request_of(key.vhost, key.app, key.stream);
  if (!request) return SignalErrc::bad_request;
  ++recordings_[key];
  return *std::move(request);
}

void Platform::end_recording(const base::StreamKey& key) {
  const auto found = recordings_.find(key);
  if (found == recordings_.end() || --found->second > 0) return;
  recordings_.erase(found);
  if (calls_.has(key)) calls_.end(base::StreamKey(key), SignalErrc::not_wanted);
}

void Platform::want(const hub::Request& request, const StreamNames::Place& place) {
  const base::StreamKey key = request.key();
  const auto begun = [&]() -> Result<void> {
    TRY(Device * device, reachable(place.device));
    TRY(std::string channel, channel_of(*device, place.channel));
    return calls_.begin({.request = request,
                         .device = place.device,
                         .channel = std::move(channel),
                         .reason = CallPlan::Reason::wanted});
  }();
  // Twice is once: who waits is told of the first.
  if (!begun) outside_.cannot_start(key, begun.error());
}

Result<Device*> Platform::reachable(const std::string& id) {
  Device* device = devices_.find(id);
  if (!device) return SignalErrc::no_such_device;
  if (!device->online) return SignalErrc::device_offline;
  if (!device->reachable) return SignalErrc::device_unreachable;
  return device;
}

// A camera without a catalogue is its own channel. One that is not in a catalogue that came is asked all the same when
// the catalogue may lack it.
Result<std::string> Platform::channel_of(const Device& device, const std::string& channel) const {
  if (channel.empty()) return device.channels.empty() ? device.id : device.channels.front().id;
  const bool known = channel == device.id || device.find_channel(channel) != nullptr;
  if (!known && device.catalog == Device::Catalog::complete) return SignalErrc::no_such_channel;
  return channel;
}

std::string Platform::loudspeaker_of(const Device& device, const std::string& channel) const {
  if (!channel.empty()) return channel;
  if (!device.loudspeaker.empty()) return device.loudspeaker;
  return device.channels.empty() ? device.id : device.channels.front().id;
}

Result<std::string> Platform::talk(const TalkAsk& ask) {
  TRY(Device * device, reachable(ask.device));
  if (!ask.channel.empty() && !manscdp::is_id(ask.channel)) return SignalErrc::no_such_channel;
  if (ask.app.empty() || ask.stream.empty()) return SignalErrc::bad_request;
  auto request = outside_.request_of(ask.vhost, ask.app, ask.stream);
  if (!request) return SignalErrc::bad_request;
  std::string target = loudspeaker_of(*device, ask.channel);
  TRY_VOID(talks_.begin({.device = ask.device, .target = target, .request = *std::move(request), .way = ask.way}));
  return target;
}

Result<void> Platform::end_talk(const std::string& id, const std::string& channel) {
  const Device* device = devices_.find(id);
  if (!device) return SignalErrc::no_such_device;
  return talks_.end(id, loudspeaker_of(*device, channel));
}

Result<base::StreamKey> Platform::invite(const Ask& ask) {
  TRY(Device * device, reachable(ask.device));
  TRY(std::string channel, channel_of(*device, ask.channel));
  if (ask.purpose != Purpose::live && (ask.span.start <= 0 || ask.span.stop <= ask.span.start)) {
    return SignalErrc::bad_request;
  }
  StreamNames::Name name = names_.of(ask.device, channel);
  if (ask.purpose != Purpose::live)
    name.stream += "_" + std::to_string(ask.span.start) + "_" + std::to_string(ask.span.stop);
  auto request = outside_.request_of(names_.vhost(), name.app, name.stream);
  if (!request) return SignalErrc::bad_request;
  const base::StreamKey key = request->key();
  TRY_VOID(calls_.begin({.request = *std::move(request),
                         .device = ask.device,
                         .channel = std::move(channel),
                         .purpose = ask.purpose,
                         .span = ask.span,
                         .speed = ask.speed}));
  return key;
}

Result<void> Platform::bye(const base::StreamKey& key) {
  if (!calls_.has(key)) return SignalErrc::no_such_call;
  calls_.end(key, SignalErrc::not_wanted);
  return {};
}

Result<void> Platform::command(const std::string& id, const std::string& channel, std::string_view name,
                               const std::string& value) {
  TRY(Device * device, reachable(id));
  TRY(const std::string target, channel_of(*device, channel));
  if (line_.send_body(target, device->way, manscdp::control(next_sn(), target, name, value), outside_.now()) == 0) {
    return SignalErrc::too_many;
  }
  line_.run();
  return {};
}

Result<void> Platform::refresh(const std::string& id) {
  TRY(Device * device, reachable(id));
  device->catalog_tries = 0;
  ask_catalogue(*device);
  line_.run();
  return {};
}

Result<void> Platform::query_records(const std::string& id, const std::string& channel, const std::string& start,
                                     const std::string& end, std::function<void(Records)> then) {
  TRY(Device * device, reachable(id));
  TRY(const std::string target, channel_of(*device, channel));
  if (records_.size() >= most_queries) return SignalErrc::too_many;
  const std::uint32_t sn = next_sn();
  records_.emplace(sn, RecordQuery{.device = id, .then = std::move(then)});
  agenda_.set({Due::records, std::to_string(sn)}, outside_.now() + records_limit);
  if (line_.send_body(target, device->way, manscdp::record_query(sn, target, start, end), outside_.now()) == 0) {
    records_done(sn, false);
  }
  line_.run();
  return {};
}

DeviceRow Platform::row_of(const Device& device) const {
  DeviceRow row{.device = device};
  row.channel_count = device.channels.size();
  row.subscribed = subscriptions_.agreed(device.id);
  row.device.channels.clear();
  row.seen_seconds = std::chrono::duration<double>(outside_.now() - device.seen).count();
  if (!device.online) {
    row.why = device.offline_reason;
  } else if (!device.reachable) {
    row.why = describe(SignalErrc::device_unreachable);
  } else if (device.catalog == Device::Catalog::unknown) {
    row.why = "the device has not answered the question for its catalogue";
  } else if (device.catalog == Device::Catalog::partial) {
    row.why = std::to_string(device.catalog_got) + " of " + std::to_string(device.catalog_total) +
              " items of its catalogue have come";
  } else if (device.catalog == Device::Catalog::complete && device.channels.empty()) {
    row.why = "its catalogue holds no channel";
  }
  return row;
}

std::vector<DeviceRow> Platform::devices(std::size_t from, std::size_t count) const {
  std::vector<const Device*> all;
  all.reserve(devices_.size());
  devices_.each([&](const Device& device) { all.push_back(&device); });
  std::sort(all.begin(), all.end(), [](const Device* a, const Device* b) { return a->id < b->id; });
  std::vector<DeviceRow> rows;
  for (std::size_t i = from; i < all.size() && rows.size() < count; ++i) rows.push_back(row_of(*all[i]));
  return rows;
}

Result<DeviceRow> Platform::device(const std::string& id) const {
  const Device* device = devices_.find(id);
  if (!device) return SignalErrc::no_such_device;
  return row_of(*device);
}

Result<std::vector<ChannelRow>> Platform::channels(const std::string& id) const {
  const Device* device = devices_.find(id);
  if (!device) return SignalErrc::no_such_device;
  std::vector<ChannelRow> rows;
  rows.reserve(device->channels.size());
  for (const manscdp::CatalogItem& item : device->channels) {
    auto name = names_.of(id, item.id);
    rows.push_back({item, std::move(name.app), std::move(name.stream)});
  }
  return rows;
}

std::vector<std::string> Platform::ids() const {
  std::vector<std::string> ids;
  ids.reserve(devices_.size());
  devices_.each([&](const Device& device) { ids.push_back(device.id); });
  return ids;
}

std::optional<DeviceMemory> Platform::memory_of(const std::string& id) const {
  const Device* device = devices_.find(id);
  if (!device) return std::nullopt;
  return DeviceMemory{.id = id,
                      .name = device->name,
                      .manufacturer = device->manufacturer,
                      .model = device->model,
                      .firmware = device->firmware,
                      .version = device->version,
                      .seen_at = device->seen_at,
                      .channels = device->channels};
}

std::vector<UpperRow> Platform::uppers() const {
  std::vector<UpperRow> rows;
  for (const auto& upper : uppers_) rows.push_back(upper->row());
  return rows;
}

Totals Platform::totals() const {
  Totals totals = counts_;
  totals.devices = devices_.size();
  totals.online = devices_.online();
  totals.channels = devices_.channels();
  totals.channels_left_out = devices_.channels_left_out();
  calls_.add_to(totals);
  talks_.add_to(totals);
  for (const auto& upper : uppers_) {
    ++totals.uppers;
    totals.uppers_registered += upper->registered() ? 1 : 0;
    totals.sendings += upper->calls();
  }
  const auto& sip = line_.transactions().counts();
  totals.repeated = sip.repeated;
  totals.received_again = sip.received_again;
  totals.timed_out = sip.timed_out;
  return totals;
}

}  // namespace weir::session::gb28181
