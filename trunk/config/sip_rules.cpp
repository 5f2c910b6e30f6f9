#include "config/sip_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/address.h"

namespace weir::config {

namespace {

bool is_digits(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_platform_id(const std::string& text) { return text.size() == 20 && is_digits(text); }

bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= 20 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

void check_upper(const StreamCaster::Upper& upper, const std::string& path, Binder& binder, Problems& problems) {
  if (!upper.enabled) return;
  const auto error = [&](const char* name, const std::string& words) {
    const std::string full = path + "." + name;
    problems.error(binder.place_of(binder.is_written(full) ? full : path),
                   fmt::format("upper {}: {}", upper.name, words));
  };
  if (upper.server.size() != 1 || upper.server.front().address.empty()) {
    error("server", "'server' is one address or name and a port, as 203.0.113.9:5060");
  }
  if (!is_platform_id(upper.server_id)) {
    error("server_id", fmt::format("server_id '{}' is not 20 digits", upper.server_id));
  }
  if (!upper.id.empty() && !is_platform_id(upper.id)) error("id", fmt::format("id '{}' is not 20 digits", upper.id));
  std::set<std::string> known;
  for (const auto& channel : upper.channels) {
    if (!is_platform_id(channel.id)) error("channel", fmt::format("channel '{}' is not 20 digits", channel.id));
    if (!known.insert(channel.id).second) error("channel", fmt::format("channel '{}' is there twice", channel.id));
    const auto slash = channel.stream.find('/');
    if (slash == std::string::npos || slash == 0 || channel.stream.ends_with('/')) {
      error("channel", fmt::format("channel {} names no stream: 'stream live/livestream'", channel.id));
    }
  }
  if (upper.channels.empty()) {
    problems.warn(binder.place_of(path), fmt::format("upper {} without a 'channel' is shown nothing", upper.name));
  }
}

}  // namespace

void check_sip(const StreamCaster::Sip& sip, const std::string& path, Binder& binder, Problems& problems) {
  if (!sip.enabled) return;
  const auto place = [&](const char* name) { return binder.place_of(path + "." + name); };
  if (!is_digits(sip.id) || sip.id.size() != 20) {
    problems.error(place("id"), fmt::format("sip id '{}' is not 20 digits", sip.id));
  }
  if (!sip.domain.empty() && (!is_digits(sip.domain) || sip.domain.size() < 8 || sip.domain.size() > 20)) {
    problems.error(place("domain"), fmt::format("sip domain '{}' is not 8 to 20 digits, as 3402000000", sip.domain));
  }
  if (sip.candidate != "*" && !base::numeric_address(sip.candidate)) {
    problems.error(place("candidate"),
                   fmt::format("candidate '{}' is no IP address: devices are told to send media there", sip.candidate));
  }
  if (sip.listen.empty()) problems.error(place("listen"), "sip listens nowhere");
  std::set<std::string> known;
  for (const StreamCaster::Device& device : sip.devices) {
    if (!is_id(device.id)) {
      problems.error(place("device"), fmt::format("device '{}' is not 1 to 20 letters and digits", device.id));
    }
    if (!known.insert(device.id).second) {
      problems.error(place("device"), fmt::format("device '{}' is there twice", device.id));
    }
  }
  for (const std::string& word : sip.subscribe) {
    if (word == "catalog" || word == "alarm" || word == "position") continue;
    problems.error(place("subscribe"), fmt::format("'{}' cannot be subscribed to: catalog, alarm, position", word));
  }
  if (sip.devices_only && sip.devices.empty()) {
    problems.warn(place("devices_only"), "devices_only without a 'device' lets nobody in");
  }
  for (const StreamCaster::Upper& upper : sip.uppers) {
    check_upper(upper, fmt::format("{}.upper[{}]", path, upper.name), binder, problems);
  }
}

}  // namespace weir::config
