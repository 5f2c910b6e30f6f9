#include "session/hls/relay_names.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/url.h"
#include "format/hls/playlist.h"
#include "net/http/url.h"

namespace weir::session::hls {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_named = 64;
constexpr std::chrono::milliseconds moment = 200ms, absent_for = 1s, usual_life = 60s, longest_life = 24h;

std::string_view extension_of(std::string_view path) {
  const std::size_t slash = path.rfind('/') + 1, dot = path.rfind('.');
  return dot == std::string_view::npos || dot <= slash ? std::string_view() : path.substr(dot);
}

template <std::size_t Size>
bool is_one_of(std::string_view text, const std::array<std::string_view, Size>& all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

// "a-12" -> "a", where `before` is '-'.
std::string_view without_number(std::string_view text, char before) {
  const std::size_t last = text.find_last_not_of("0123456789");
  const bool found = last != std::string_view::npos && last > 0 && last + 1 < text.size() && text[last] == before;
  return found ? text.substr(0, last) : text;
}

// Calls `take` with each address in a playlist: lines that are one, and URI="...".
template <class Take>
void each_address(std::string_view text, const Take& take) {
  constexpr std::string_view attribute = "URI=\"";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (line.front() != '#') {
      take(line);
      continue;
    }
    for (std::size_t at = line.find(attribute); at != std::string_view::npos; at = line.find(attribute, at)) {
      at += attribute.size();
      const std::size_t close = line.find('"', at);
      if (close == std::string_view::npos) break;
      take(line.substr(at, close - at));
      at = close;
    }
  }
}

std::optional<std::uint64_t> seconds_in(std::string_view rule, std::string_view name) {
  for (std::string_view one : base::split(rule, ',')) {
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(name)) return base::parse_number(one.substr(name.size()));
  }
  return std::nullopt;
}

}  // namespace

RelayKind relay_kind_of(std::string_view path) {
  constexpr std::array<std::string_view, 8> media{".ts", ".m4s", ".mp4", ".m4a", ".m4v", ".aac", ".vtt", ".key"};
  const std::string_view extension = extension_of(path);
  if (extension == ".m3u8") return RelayKind::playlist;
  return is_one_of(extension, media) ? RelayKind::media : RelayKind::none;
}

bool may_be_live(std::string_view path) {
  constexpr std::array<std::string_view, 3> live{".ts", ".mp4", ".aac"};
  return is_one_of(extension_of(path), live);
}

std::string relay_stem_of(std::string_view path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  const RelayKind kind = relay_kind_of(path);
  path.remove_suffix(extension_of(path).size());
  if (kind != RelayKind::media) return std::string(path);
  const std::string_view plain = without_number(without_number(path, '.'), '-');
  const std::size_t slash = plain.rfind('/');
  if (slash != std::string_view::npos && slash > 0 && plain.substr(slash + 1) == "init") {
    return std::string(plain.substr(0, slash));
  }
  return std::string(plain);
}

std::string relay_target_of(std::string_view path, std::string_view query, std::string_view vhost) {
  std::string target = base::replace_all(base::percent_encode(path), "%2F", "/"), more;
  const auto add = [&more](std::string_view name, const std::string& value) {
    more.append(more.empty() ? "?" : "&").append(name).append("=").append(base::percent_encode(value));
  };
  if (relay_kind_of(path) == RelayKind::playlist) {
    for (const std::string_view name : {"_HLS_msn", "_HLS_part", "_HLS_skip"}) {
      if (const auto value = http::query_value(query, name)) add(name, *value);
    }
  }
  if (!vhost.empty()) add("vhost", std::string(vhost));
  return target + more;
}

std::vector<std::string> playlists_named_in(std::string_view text, std::string_view path) {
  std::vector<std::string> all;
  if (text.find("#EXT-X-STREAM-INF") == std::string_view::npos &&
      text.find("#EXT-X-MEDIA:") == std::string_view::npos) {
    return all;
  }
  const std::string folder(path.substr(0, path.rfind('/') + 1));
  each_address(text, [&](std::string_view address) {
    address = address.substr(0, address.find_first_of("?#"));
    if (all.size() >= most_named || !address.ends_with(".m3u8")) return;
    if (address.find("://") != std::string_view::npos || address.starts_with("//")) return;
    const std::string decoded = base::percent_decode(address);
    const auto whole = http::normalise_path(decoded.starts_with('/') ? decoded : folder + decoded);
    if (whole && std::find(all.begin(), all.end(), *whole) == all.end()) all.push_back(*whole);
  });
  return all;
}

std::string with_own_query(std::string_view text, std::string_view query) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  std::size_t told = 0;
  each_address(text, [&](std::string_view address) {
    const auto at = static_cast<std::size_t>(address.data() - text.data());
    out.append(text.substr(told, at - told)).append(::weir::hls::with_query(address, query));
    told = at + address.size();
  });
  return out.append(text.substr(told));
}

std::uint64_t media_sequence_of(std::string_view text) {
  constexpr std::string_view tag = "#EXT-X-MEDIA-SEQUENCE:";
  const std::size_t at = text.find(tag);
  if (at == std::string_view::npos) return 0;
  const std::string_view rest = text.substr(at + tag.size());
  return base::parse_number(rest.substr(0, rest.find_first_not_of("0123456789"))).value_or(0);
}

std::chrono::milliseconds relay_life_of(int status, std::string_view cache_control, RelayKind kind, bool blocking) {
  if (status == 404 || status == 410) return blocking ? 0ms : absent_for;
  if (status != 200) return 0ms;
  const bool never = cache_control.find("no-store") != std::string_view::npos ||
                     cache_control.find("no-cache") != std::string_view::npos;
  const auto told = seconds_in(cache_control, "max-age=");
  if (never || (!told && kind == RelayKind::playlist)) return kind == RelayKind::playlist ? moment : 0ms;
  if (!told) return usual_life;
  const auto most = static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(longest_life).count());
  return std::chrono::seconds(std::min(*told, most));
}

}  // namespace weir::session::hls
