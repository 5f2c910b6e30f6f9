#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/text.h"
#include "session/gb28181/platform.h"

// Who is there: REGISTER, and from where.
namespace weir::session::gb28181 {

using base::iequals;

namespace {

constexpr std::string_view version_header = "X-GB-Ver";
constexpr std::string_view our_version = "3.0";

std::string holder_of(const std::string& id, const sip::Way& way) { return id + "@" + way.address; }

}  // namespace

std::string date_of(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char text[32] = {};
  const std::size_t size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
  return fmt::format("{}.{:03}", std::string_view(text, size), millis);
}

void Platform::on_request(const sip::Message& message, const sip::Way& way) {
  for (const auto& upper : uppers_) {
    if (upper->takes(message, way)) return upper->on_request(message, way);
  }
  const base::Instant now = outside_.now();
  const Device* device = devices_.find(message.from.uri.user);
  const bool known = device && device->online && device->source.address == way.address;
  if (!known && !limits_.take(way.address, now)) {
    ++counts_.limited;
    return;
  }
  if (message.method == "REGISTER") return on_register(message, way);
  if (message.method == "MESSAGE" || message.method == "NOTIFY") return on_message(message, way);
  if (message.method == "BYE") {
    if (!calls_.on_bye(message, way) && !talks_.on_bye(message, way)) line_.answer(message, way, 481, now);
    return;
  }
  if (message.method == "ACK") return (void)talks_.on_ack(message);
  if (message.method == "OPTIONS" || message.method == "INFO") {
    return line_.answer(message, way, known ? 200 : 403, now);
  }
  if (message.method == "INVITE") {
    // Devices ask for sound that was announced to them, and for nothing else.
    if (!talks_.on_invite(message, way)) line_.answer(message, way, known ? 488 : 403, now);
    return;
  }
  if (message.method == "CANCEL") {
    if (!talks_.on_cancel(message, way)) line_.answer(message, way, 481, now);
    return;
  }
  line_.answer(message, way, 405, now, [](sip::Message& answer) {
    answer.add("Allow", "REGISTER, MESSAGE, NOTIFY, BYE, ACK, INFO, OPTIONS, CANCEL");
  });
}

void Platform::on_register(const sip::Message& message, const sip::Way& way) {
  const base::Instant now = outside_.now();
  const std::string& id = message.from.uri.user;
  const auto refuse = [&](unsigned status) {
    ++counts_.refused;
    line_.answer(message, way, status, now);
  };
  if (!manscdp::is_id(id)) return refuse(400);
  if (settings_.strict_id && manscdp::type_of(id) == 0) return refuse(403);
  const auto own = settings_.devices.find(id);
  if (own == settings_.devices.end() && settings_.devices_only) return refuse(403);
  const std::string& password = password_of(id);
  if (!password.empty()) {
    if (!authenticated(message, way, id, password)) return;
    line_.transactions().trust(way, now);  // the answer to our challenge came from there
  }

  const auto contact = sip::parse_name_address(message.header("Contact"));
  std::uint32_t expires = usual_expiry;
  if (const auto said = message.number("Expires")) {
    expires = *said;
  } else if (contact && contact->expires) {
    expires = *contact->expires;
  }
  if (expires != 0) expires = std::clamp(expires, shortest_expiry, longest_expiry);
  Device* device = expires == 0 ? devices_.find(id) : devices_.find_or_add(id);
  if (expires != 0 && !device) return refuse(503);
  line_.answer(message, way, 200, now, [&](sip::Message& answer) {
    if (const std::string* said = message.find("Contact")) answer.add("Contact", *said);
    answer.add("Expires", std::to_string(expires)).add("Date", date_of(outside_.wall()));
    answer.add(version_header, std::string(our_version));
  });
  if (expires == 0) {
    if (device && device->online) gone(*device, "it has signed off", SignalErrc::device_offline);
    return;
  }
  if (own != settings_.devices.end() && !own->second.name.empty()) device->name = own->second.name;
  registered(*device, message, way, expires);
}

// What a device has to know; empty: nothing is asked of it.
const std::string& Platform::password_of(const std::string& id) const {
  const auto own = settings_.devices.find(id);
  return own == settings_.devices.end() || own->second.password.empty() ? settings_.password : own->second.password;
}

// False after an answer that says so.
bool Platform::authenticated(const sip::Message& message, const sip::Way& way, const std::string& id,
                             const std::string& password) {
  const std::string* header = message.find("Authorization");
  const auto credentials = header ? sip::parse_credentials(*header) : std::nullopt;
  if (!credentials) {
    challenge(message, way, id, false);
    return false;
  }
  if (credentials->user != id || !sip::verify(*credentials, message.method, password)) {
    ++counts_.bad_passwords;
    line_.answer(message, way, 403, outside_.now());
    return false;
  }
  switch (nonces_.use(*credentials, holder_of(id, way), outside_.now())) {
    case sip::Nonces::Verdict::good:
      return true;
    case sip::Nonces::Verdict::replayed:
      ++counts_.replays;
      break;
    case sip::Nonces::Verdict::stale:
    case sip::Nonces::Verdict::foreign:
      ++counts_.stale;
      break;
  }
  // The device that has the password does it again; who has heard its words alone cannot.
  challenge(message, way, id, true);
  return false;
}

void Platform::challenge(const sip::Message& message, const sip::Way& way, const std::string& id, bool stale) {
  ++counts_.challenges;
  const sip::Challenge challenge{.realm = settings_.domain,
                                 .nonce = nonces_.make(holder_of(id, way), line_.make_id(), outside_.now()),
                                 .stale = stale};
  line_.answer(message, way, 401, outside_.now(), [&](sip::Message& answer) {
    answer.add("WWW-Authenticate", challenge.text());
    answer.add(version_header, std::string(our_version));
  });
}

void Platform::registered(Device& device, const sip::Message& message, const sip::Way& way, std::uint32_t expires) {
  ++counts_.registrations;
  const bool fresh = !device.online || device.register_id != message.call_id;
  device.register_id = message.call_id;
  device.contact = message.header("Contact");
  device.version = base::trim(message.header(version_header)).substr(0, 8);
  device.registered_until = outside_.now() + std::chrono::seconds(expires);
  if (fresh) device.registered_at = outside_.wall();
  const bool was_online = device.online;
  devices_.set_online(device, true, outside_.now());
  device.offline_reason.clear();
  heard_of(device, way);
  if (!was_online) outside_.tell({.kind = DeviceEvent::Kind::online, .device = device});
  if (!fresh) return;
  // It may have been started anew: with other channels, and without the calls of before.
  device.catalog_tries = 0;
  ask_catalogue(device);
  calls_.device_back(device.id);
  subscriptions_.begin(device.id);
}

void Platform::gone(Device& device, std::string reason, base::ErrorCode why) {
  devices_.set_online(device, false, outside_.now());
  device.reachable = false;
  device.offline_reason = std::move(reason);
  agenda_.cancel({Due::alive, device.id});
  agenda_.cancel({Due::catalogue, device.id});
  catalogues_.erase(device.id);
  subscriptions_.forget(device.id);
  if (const auto found = of_connection_.find(device.source.connection); found != of_connection_.end()) {
    found->second.erase(device.id);
    if (found->second.empty()) of_connection_.erase(found);
  }
  outside_.tell({.kind = DeviceEvent::Kind::offline, .device = device, .reason = device.offline_reason});
  talks_.device_lost(device.id, why);
  calls_.device_lost(device.id, why, device.offline_reason);
}

// It is alive, and to be reached where this came from.
void Platform::heard_of(Device& device, const sip::Way& way) {
  const base::Instant now = outside_.now();
  device.seen = now;
  device.seen_at = outside_.wall();
  if (device.source != way) {
    if (device.source.port != 0) ++device.moves;
    if (const auto found = of_connection_.find(device.source.connection); found != of_connection_.end()) {
      found->second.erase(device.id);
      if (found->second.empty()) of_connection_.erase(found);
    }
    if (way.reliable()) of_connection_[way.connection].insert(device.id);
    device.source = way;
  }
  choose_way(device);
  device.reachable = true;
  agenda_.set({Due::alive, device.id}, std::min<base::Instant>(now + settings_.keepalive, device.registered_until));
}

// Whatever is sent to a device reads `way`, so that this is decided once.
void Platform::choose_way(Device& device) const {
  device.way = device.source;
  if (settings_.use_source_address || device.source.reliable()) return;
  if (const auto contact = sip::parse_name_address(device.contact)) {
    device.way.address = contact->uri.host;
    device.way.port = contact->uri.port == 0 ? 5060 : contact->uri.port;
  }
}

}  // namespace weir::session::gb28181
