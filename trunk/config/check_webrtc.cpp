#include "config/check_webrtc.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::config {
namespace {

// RFC 7064 3.1 and RFC 7065 3.1: a scheme, a host, and maybe a port and a transport.
struct IceUrl {
  bool valid = false, relays = false;
};

bool is_number(std::string_view text, int most) {
  if (text.empty() || text.size() > 5) return false;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  return value > 0 && value <= most;
}

IceUrl read_ice_url(std::string_view text) {
  IceUrl out;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return out;
  const std::string_view scheme = text.substr(0, colon);
  out.relays = scheme == "turn" || scheme == "turns";
  if (!out.relays && scheme != "stun" && scheme != "stuns") return out;
  std::string_view rest = text.substr(colon + 1);
  if (const auto question = rest.find('?'); question != std::string_view::npos) {
    const std::string_view query = rest.substr(question + 1);
    if (!out.relays || (query != "transport=udp" && query != "transport=tcp")) return out;
    rest = rest.substr(0, question);
  }
  const bool bracketed = rest.starts_with('[');
  const auto end = bracketed ? rest.find(']') : rest.find(':');
  if (bracketed && end == std::string_view::npos) return out;
  const std::string_view host = bracketed ? rest.substr(1, end - 1) : rest.substr(0, end);
  std::string_view port = end == std::string_view::npos ? std::string_view() : rest.substr(bracketed ? end + 1 : end);
  const auto fits = [bracketed](unsigned char c) {
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (bracketed) return hex || c == ':' || c == '.';
    return hex || (c >= 'g' && c <= 'z') || (c >= 'G' && c <= 'Z') || c == '-' || c == '.' || c == '_';
  };
  if (host.empty() || !std::all_of(host.begin(), host.end(), fits)) return out;
  out.valid = port.empty() || (port.starts_with(':') && is_number(port.substr(1), 65535));
  return out;
}

// They stand between quotes in a header of HTTP.
bool is_plain(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

void check_ice_server(const IceServer& server, const std::string& path, Binder& binder, Problems& problems) {
  const auto place = [&](const char* name) { return binder.place_of(path + "." + name); };
  bool relays = false;
  if (server.url.empty()) problems.error(binder.place_of(path), "ice_server needs 'url'");
  for (const std::string& url : server.url) {
    const IceUrl read = read_ice_url(url);
    relays = relays || read.relays;
    if (read.valid) continue;
    problems.error(place("url"),
                   fmt::format("'{}' is not stun:HOST, stuns:HOST, turn:HOST:PORT?transport=tcp nor turns:HOST", url));
  }
  if (server.secret.empty() && (server.username.empty() || server.password.empty()) && relays) {
    problems.error(place("url"), "turn needs username and password, or secret: clients refuse it without");
  }
  for (const auto& [name, value] : {std::pair("username", &server.username), std::pair("password", &server.password)}) {
    if (!is_plain(*value)) problems.error(place(name), fmt::format("{} holds control characters", name));
  }
}

}  // namespace

void check_webrtc(const Config& config, Binder& binder, Problems& problems) {
  const RtcServer& server = config.rtc_server;
  if (server.cert.empty() != server.key.empty()) {
    const bool lacks_key = server.key.empty();
    problems.error(binder.place_of(lacks_key ? "rtc_server.cert" : "rtc_server.key"),
                   fmt::format("rtc_server has {} without {}: both or none", lacks_key ? "cert" : "key",
                               lacks_key ? "key" : "cert"));
  }
  if (server.enabled && !server.encrypt) {
    problems.warn(binder.place_of("rtc_server.encrypt"),
                  "media is not encrypted, and browsers take none of it: this is for tests");
  }
  for (std::size_t i = 0; i < server.ice_servers.size(); ++i) {
    check_ice_server(server.ice_servers[i], fmt::format("rtc_server.ice_server[{}]", i), binder, problems);
  }
}

}  // namespace weir::config
