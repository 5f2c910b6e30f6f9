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

bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= 20 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
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
  if (!sip.devices_file.empty()) {
    problems.warn(place("devices_file"), "devices_file has no effect yet: after a restart devices register anew");
  }
  if (sip.devices_only && sip.devices.empty()) {
    problems.warn(place("devices_only"), "devices_only without a 'device' lets nobody in");
  }
}

}  // namespace weir::config
