#include "session/live/mount.h"

#include <algorithm>
#include <vector>

namespace weir::session::live {
namespace {

struct About {
  std::string_view extension, title, content_type;
  Protocol protocol;
};

constexpr About about(pack::Live live) {
  switch (live) {
    case pack::Live::flv:
      return {".flv", "FLV", "video/x-flv", protocols::flv};
    case pack::Live::ts:
      return {".ts", "TS", "video/mp2t", protocols::ts};
    case pack::Live::mp4:
      return {".mp4", "MP4", "video/mp4", protocols::mp4};
    case pack::Live::aac:
      return {".aac", "AAC", "audio/aac", protocols::aac};
    case pack::Live::mp3:
      return {".mp3", "MP3", "audio/mpeg", protocols::mp3};
  }
  return {};
}

std::vector<std::string_view> elements(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    const std::size_t end = path.find('/');
    if (end != 0) out.push_back(path.substr(0, end));
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
  }
  return out;
}

// One element against its part of the template: a literal, or a variable with something before and behind it.
bool element_matches(std::string_view pattern, std::string_view element) {
  const std::size_t open = pattern.find('['), close = pattern.find(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return pattern == element;
  const std::string_view before = pattern.substr(0, open), behind = pattern.substr(close + 1);
  return element.size() > before.size() + behind.size() && element.starts_with(before) && element.ends_with(behind);
}

// Without the number at its end and the character before that; as it was without one.
std::string_view cut_number(std::string_view name, char before, std::size_t least_digits) {
  const std::size_t at = name.find_last_not_of("0123456789");
  const bool found = at != std::string_view::npos && at > 0 && name[at] == before && name.size() - at > least_digits;
  return found ? name.substr(0, at) : name;
}
// "a-12" and "a-12.3": a segment and a part of it.
bool numbered(std::string_view name) {
  const std::string_view whole = cut_number(name, '.', 1);
  return cut_number(whole, '-', 1) != whole;
}
// "a.1760000000123": a recording, by the milliseconds of its begin.
bool timestamped(std::string_view name) { return cut_number(name, '.', 13) != name; }

}  // namespace

std::string_view extension_of(pack::Live live) { return about(live).extension; }
std::string_view content_type_of(pack::Live live) { return about(live).content_type; }
std::string_view title_of(pack::Live live) { return about(live).title; }
Protocol protocol_of(pack::Live live) { return about(live).protocol; }

std::optional<pack::Live> format_of_path(std::string_view path) {
  for (const pack::Live live : pack::all_live) {
    if (path.ends_with(extension_of(live))) return live;
  }
  return std::nullopt;
}

std::optional<pack::Live> mounted_format(std::string_view mount, std::string_view path) {
  const auto wanted = format_of_path(path), offered = format_of_path(mount);
  if (!wanted || !offered) return std::nullopt;
  if (wanted == offered) return mount_matches(mount, path) ? wanted : std::nullopt;
  if (offered != pack::Live::flv) return std::nullopt;
  std::string other(mount.substr(0, mount.size() - extension_of(*offered).size()));
  other += extension_of(*wanted);
  return mount_matches(other, path) ? wanted : std::nullopt;
}

bool mount_matches(std::string_view mount, std::string_view path) {
  auto pattern = elements(mount);
  // The first element names the virtual host: "[vhost]", "__defaultVhost__" or a host name; a path has none.
  if (!mount.starts_with('/') && !pattern.empty()) pattern.erase(pattern.begin());
  auto given = elements(path);
  if (pattern.empty() || given.size() < pattern.size()) return false;
  const std::size_t extra = given.size() - pattern.size();
  if (extra > 0 && pattern.front() != "[app]") return false;
  for (std::size_t i = 1; i <= pattern.size(); ++i) {  // from the back: what is more in front belongs to [app]
    if (!element_matches(pattern[pattern.size() - i], given[given.size() - i])) return false;
  }
  return true;
}

bool may_wait(const config::Vhost& vhost, std::string_view path, bool brought) {
  const config::HttpRemux& settings = vhost.http_remux;
  const auto given = elements(path);
  auto pattern = elements(settings.mount);
  if (!settings.mount.starts_with('/') && !pattern.empty()) pattern.erase(pattern.begin());
  if (given.empty() || given.size() != pattern.size()) return false;
  const auto format = format_of_path(path);
  if (!format) return false;
  const std::string_view name = given.back().substr(0, given.back().size() - extension_of(*format).size());
  if (vhost.hls.enabled && format == pack::Live::ts && numbered(name)) return false;
  if (vhost.dvr.enabled && timestamped(name)) return false;
  if (brought || format == format_of_path(settings.mount)) return true;
  const std::string_view app = path.substr(1, path.rfind('/') - 1);
  return std::any_of(settings.wait_apps.begin(), settings.wait_apps.end(),
                     [app](const std::string& allowed) { return allowed == "*" || allowed == app; });
}

}  // namespace weir::session::live
