#include "config/hls_origins.h"

#include <algorithm>

#include "base/url.h"

namespace weir::config {

namespace {

constexpr std::uint16_t usual_http = 80, usual_https = 443, usual_of_srs = 8080;

HlsOrigin made(std::string host, std::uint16_t port, bool secure) {
  std::string name = (secure ? "https://" : "http://") + base::format_host_port(host, port);
  return {.host = std::move(host), .port = port, .secure = secure, .name = std::move(name)};
}

// What a request and a Host header can name.
bool is_host(std::string_view text) {
  constexpr std::size_t longest = 253;  // RFC 1035 2.3.4
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > ' ' && c < 0x7f && std::string_view("/?#@\"'\\<>").find(static_cast<char>(c)) == std::string_view::npos;
  });
}

std::optional<HlsOrigin> of_url(std::string_view text) {
  const auto url = base::parse_url(text);
  if (!url || (url->scheme != "http" && url->scheme != "https") || !is_host(url->host)) return std::nullopt;
  const bool secure = url->scheme == "https";
  return made(url->host, url->port != 0 ? url->port : secure ? usual_https : usual_http, secure);
}

std::optional<HlsOrigin> of_place(std::string_view text, std::uint16_t usual) {
  const auto place = base::parse_host_port(text);
  if (!place || !is_host(place->first)) return std::nullopt;
  return made(place->first, place->second != 0 ? place->second : usual, false);
}

}  // namespace

std::optional<HlsOrigin> hls_origin_of(std::string_view text) {
  if (text.find("://") == std::string_view::npos) return of_place(text, usual_of_srs);
  const auto url = base::parse_url(text);
  if (!url || !(url->path.empty() || url->path == "/") || !url->query.empty() || !url->user.empty()) {
    return std::nullopt;
  }
  return of_url(text);
}

std::vector<HlsOrigin> hls_origins_of(const Cluster& cluster) {
  std::vector<HlsOrigin> all;
  const auto add = [&all](std::optional<HlsOrigin> one) {
    const auto same = [&](const HlsOrigin& other) { return other.name == one->name; };
    if (one && std::none_of(all.begin(), all.end(), same)) all.push_back(*std::move(one));
  };
  for (const std::string& text : cluster.hls_origin) add(hls_origin_of(text));
  if (!cluster.hls_origin.empty()) return all;
  for (const std::string& text : cluster.origin) {
    if (text.find("://") != std::string::npos) {
      add(of_url(text));
    } else if (const auto place = base::parse_host_port(text.substr(0, text.find('/')));
               place && is_host(place->first)) {
      using enum Cluster::Protocol;
      const bool own = cluster.protocol != rtmp && place->second != 0;
      const bool secure = cluster.protocol == flvs;
      add(made(place->first, own ? place->second : secure ? usual_https : usual_of_srs, secure));
    }
  }
  return all;
}

}  // namespace weir::config
