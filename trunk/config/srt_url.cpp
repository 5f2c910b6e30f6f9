#include "config/srt_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/text.h"
#include "base/url.h"
#include "config/config.h"
#include "config/srt_servers.h"

namespace weir::config {
namespace {

constexpr std::int64_t most_int = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t longest_latency_ms = 600'000;
constexpr std::int64_t unlikely_latency_ms = 10'000;  // microseconds, most likely

struct Known {
  enum class Kind : std::uint8_t { number, yes_no, text };
  std::string_view name;
  Kind kind = Kind::number;
  std::int64_t least = 0, most = most_int;  // of a number; of a text, its length
};

// Of live mode, which may be set by whoever opens a connection. Beyond these libsrt refuses, or crashes.
constexpr Known all_known[] = {
    {"latency", Known::Kind::number, 0, longest_latency_ms},
    {"rcvlatency", Known::Kind::number, 0, longest_latency_ms},
    {"peerlatency", Known::Kind::number, 0, longest_latency_ms},
    {"streamid", Known::Kind::text, 0, 512},
    {"passphrase", Known::Kind::text, 10, 79},
    {"pbkeylen", Known::Kind::number, 0, 32},
    {"enforcedencryption", Known::Kind::yes_no},
    {"kmrefreshrate", Known::Kind::number},
    {"kmpreannounce", Known::Kind::number},
    {"packetfilter", Known::Kind::text, 1, 512},
    {"conntimeo", Known::Kind::number, 1, 60'000},
    {"peeridletimeo", Known::Kind::number, 100, 600'000},
    {"maxbw", Known::Kind::number, -1, std::numeric_limits<std::int64_t>::max()},
    {"inputbw", Known::Kind::number, 0, std::numeric_limits<std::int64_t>::max()},
    {"mininputbw", Known::Kind::number, 0, std::numeric_limits<std::int64_t>::max()},
    {"oheadbw", Known::Kind::number, 5, 100},
    {"mss", Known::Kind::number, 116, 1500},
    {"payloadsize", Known::Kind::number, 188, 1456},
    {"fc", Known::Kind::number, 32, 1'000'000},
    {"sndbuf", Known::Kind::number, 48'000, 1 << 30},
    {"rcvbuf", Known::Kind::number, 48'000, 1 << 30},
    {"tsbpdmode", Known::Kind::yes_no},
    {"tlpktdrop", Known::Kind::yes_no},
    {"snddropdelay", Known::Kind::number, -1, longest_latency_ms},
    {"nakreport", Known::Kind::yes_no},
    {"drifttracer", Known::Kind::yes_no},
    {"lossmaxttl", Known::Kind::number},
    {"retransmitalgo", Known::Kind::number, 0, 1},
    {"ipttl", Known::Kind::number, 1, 255},
    {"iptos", Known::Kind::number, 0, 255},
    {"ipv6only", Known::Kind::number, -1, 1},
    {"bindtodevice", Known::Kind::text, 1, 15},
    {"linger", Known::Kind::number, 0, 180},
};

// What live mode is, so that URLs which say so are taken.
constexpr std::pair<std::string_view, std::string_view> only_value[] = {
    {"transtype", "live"}, {"congestion", "live"}, {"messageapi", "1"}};

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::optional<bool> yes_no(std::string_view text) {
  for (const std::string_view yes : {"1", "yes", "on", "true"}) {
    if (base::iequals(text, yes)) return true;
  }
  for (const std::string_view no : {"0", "no", "off", "false"}) {
    if (base::iequals(text, no)) return false;
  }
  return std::nullopt;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// libsrt 1.5.1 crashes on an empty one, and takes memory without bound for large numbers.
std::string filter_fault(std::string_view text) {
  const auto parts = base::split(text, ',');
  if (parts[0] != "fec") return "packetfilter begins with 'fec'";
  bool has_cols = false;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto [key, value] = base::split_first(parts[i], ':');
    const auto count = number(value);
    if (key == "cols" && count && *count >= 1 && *count <= 99) {
      has_cols = true;
    } else if (key == "rows" && count && *count != 0 && std::abs(*count) <= 99) {
      continue;
    } else if (key == "layout" && (value == "even" || value == "staircase")) {
      continue;
    } else if (key == "arq" && (value == "always" || value == "onreq" || value == "never")) {
      continue;
    } else {
      return "packetfilter takes cols:1..99, rows:-99..99, layout:even|staircase and arq:always|onreq|never";
    }
  }
  return has_cols ? "" : "packetfilter names no cols";
}

std::string fault_of(const Known& known, std::string_view value) {
  const auto size = static_cast<std::int64_t>(value.size());
  switch (known.kind) {
    case Known::Kind::yes_no:
      return yes_no(value) ? "" : fmt::format("{} is 'yes' or 'no'", known.name);
    case Known::Kind::text:
      if (size < known.least || size > known.most) {
        return fmt::format("{} has {} to {} characters", known.name, known.least, known.most);
      }
      return known.name == "packetfilter" ? filter_fault(value) : "";
    case Known::Kind::number:
      break;
  }
  const auto count = number(value);
  if (!count || *count < known.least || *count > known.most) {
    return fmt::format("{} is a number from {} to {}", known.name, known.least, known.most);
  }
  const bool is_key_length = *count == 0 || *count == 16 || *count == 24 || *count == 32;
  return known.name == "pbkeylen" && !is_key_length ? "pbkeylen is 0, 16, 24 or 32" : "";
}

std::string take_mode(SrtUrl& url, std::string_view value) {
  constexpr std::pair<std::string_view, SrtUrl::Mode> names[] = {{"caller", SrtUrl::Mode::caller},
                                                                 {"client", SrtUrl::Mode::caller},
                                                                 {"rendezvous", SrtUrl::Mode::rendezvous},
                                                                 {"listener", SrtUrl::Mode::listener},
                                                                 {"server", SrtUrl::Mode::listener}};
  for (const auto& [name, mode] : names) {
    if (value != name) continue;
    url.mode = mode;
    return {};
  }
  return "mode is caller, rendezvous or listener";
}

std::string take(SrtUrl& url, std::string_view name, std::string_view value) {
  if (has_control(value)) return "a value has control characters";
  if (name == "mode") return take_mode(url, value);
  if (name == "adapter") {
    url.adapter = value;
    return {};
  }
  if (name == "port") {
    const auto port = number(value);
    if (!port || *port < 1 || *port > 65'535) return "port is a number from 1 to 65535";
    url.local_port = static_cast<std::uint16_t>(*port);
    return {};
  }
  if (name == "program") {
    const auto program = number(value);
    if (!program || *program < 1 || *program > 65'535) return "program is a number from 1 to 65535";
    url.program = static_cast<std::uint16_t>(*program);
    return {};
  }
  for (const auto& [key, only] : only_value) {
    if (name == key) return value == only ? "" : fmt::format("{} is {}: live mode is the only one", key, only);
  }
  const std::string_view plain = name == "tsbpd" ? std::string_view("tsbpdmode") : name;
  const auto* known =
      std::find_if(std::begin(all_known), std::end(all_known), [&](const Known& one) { return one.name == plain; });
  if (known == std::end(all_known)) return fmt::format("SRT has no option '{}'", base::printable(name, 40));
  if (std::string fault = fault_of(*known, value); !fault.empty()) return fault;
  std::erase_if(url.settings, [&](const auto& one) { return one.first == plain; });
  const auto at = plain == "latency" ? url.settings.begin() : url.settings.end();
  switch (known->kind) {
    case Known::Kind::number:
      url.settings.emplace(at, plain, *number(value));
      break;
    case Known::Kind::yes_no:
      url.settings.emplace(at, plain, *yes_no(value));
      break;
    case Known::Kind::text:
      url.settings.emplace(at, plain, std::string(value));
      break;
  }
  return {};
}

}  // namespace

std::string_view SrtUrl::text_of(std::string_view name) const {
  for (const auto& [key, value] : settings) {
    if (const auto* text = std::get_if<std::string>(&value); text && key == name) return *text;
  }
  return {};
}

std::optional<std::int64_t> SrtUrl::number_of(std::string_view name) const {
  for (const auto& [key, value] : settings) {
    if (const auto* number = std::get_if<std::int64_t>(&value); number && key == name) return *number;
  }
  return std::nullopt;
}

bool is_srt_url(std::string_view text) { return base::iequals(text.substr(0, 6), "srt://"); }

std::optional<SrtUrl> parse_srt_url(std::string_view text, std::string& fault) {
  fault.clear();
  constexpr std::size_t most_characters = 2048;
  if (!is_srt_url(text) || text.size() > most_characters || has_control(text)) {
    fault = "it is no URL of SRT";
    return std::nullopt;
  }
  const auto [place, query] = base::split_first(text.substr(6), '?');
  const std::string_view bare = base::trim(place, "/");
  SrtUrl url;
  if (const auto colon = bare.rfind(':'); bare.starts_with(':') && colon == 0) {
    const auto port = number(bare.substr(1));
    url.port = port && *port > 0 && *port <= 65'535 ? static_cast<std::uint16_t>(*port) : std::uint16_t{0};
    url.mode = SrtUrl::Mode::listener;
  } else if (auto host_port = base::parse_host_port(bare)) {
    url.host = std::move(host_port->first);
    url.port = host_port->second;
  }
  for (const std::string_view part : base::split(query, '&')) {
    if (part.empty()) continue;
    const auto [name, value] = base::split_first(part, '=');
    fault = take(url, base::lower(name), base::percent_decode(value));
    if (!fault.empty()) return std::nullopt;
  }
  if (url.port == 0) fault = "it names no port";
  if (url.host.empty() && url.mode != SrtUrl::Mode::listener) fault = "it names no host";
  if (!fault.empty()) return std::nullopt;
  return url;
}

std::string to_text(const SrtUrl& url) {
  constexpr std::string_view modes[] = {"caller", "rendezvous", "listener"};
  std::string text = fmt::format("srt://{}?mode={}", base::format_host_port(url.host, url.port),
                                 modes[static_cast<std::size_t>(url.mode)]);
  if (!url.adapter.empty()) text += "&adapter=" + base::percent_encode(url.adapter);
  if (url.local_port != 0) text += fmt::format("&port={}", url.local_port);
  if (url.program != 0) text += fmt::format("&program={}", url.program);
  for (const auto& [name, value] : url.settings) {
    text += "&" + name + "=";
    if (const auto* number = std::get_if<std::int64_t>(&value)) text += std::to_string(*number);
    if (const auto* yes = std::get_if<bool>(&value)) text += *yes ? "1" : "0";
    if (const auto* words = std::get_if<std::string>(&value)) text += base::percent_encode(*words);
  }
  return text;
}

bool asks_for_srt(const Config& config) {
  if (listens_for_srt(config)) return true;
  const auto any = [](const std::vector<std::string>& urls) {
    return std::any_of(urls.begin(), urls.end(), is_srt_url);
  };
  return std::any_of(config.vhosts.begin(), config.vhosts.end(), [&](const auto& vhost) {
    const auto fetches = [](const Ingest& one) { return one.enabled && is_srt_url(one.input_url); };
    return (vhost->forward.enabled && (any(vhost->forward.destination) || !vhost->forward.backend.empty())) ||
           (vhost->cluster.remote && any(vhost->cluster.origin)) ||
           std::any_of(vhost->ingests.begin(), vhost->ingests.end(), fetches);
  });
}

std::string oddity_of(const SrtUrl& url) {
  for (const std::string_view name : {"latency", "rcvlatency", "peerlatency"}) {
    const auto value = url.number_of(name);
    if (!value || *value <= unlikely_latency_ms) continue;
    return fmt::format("{} is in milliseconds, and {} of them is an unlikely one: OBS and ffmpeg write microseconds",
                       name, *value);
  }
  return {};
}

}  // namespace weir::config
