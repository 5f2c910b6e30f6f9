#include "config/srt_servers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/binder.h"

namespace weir::config {
namespace {

constexpr std::size_t most_streams = 1000;  // patterns of a virtual host: each caller is compared with all
constexpr std::size_t longest_pattern = 512;

// '*' stands for any characters, also none. Without going back further than to the last '*'.
bool fits(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// How precise a pattern is: one without '*' first, then the one with the most letters.
std::size_t precision(std::string_view pattern) {
  const auto stars = static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), '*'));
  return stars == 0 ? longest_pattern + 1 : pattern.size() - stars;
}

void check_passphrase(const std::string& passphrase, const std::string& path, Binder& binder, Problems& problems) {
  if (passphrase.empty() || (passphrase.size() >= 10 && passphrase.size() <= 79)) return;
  problems.error(binder.place_of(path), "the passphrase must have 10 to 79 characters");
}

// An address of a family, or all of it.
bool overlap(const Endpoint& one, const Endpoint& other) {
  if (one.port != other.port) return false;
  const auto any = [](const Endpoint& e) { return e.address.empty() || e.address == "0.0.0.0" || e.address == "::"; };
  const auto v6 = [](const Endpoint& e) { return e.address.find(':') != std::string::npos; };
  return one.address == other.address || (v6(one) == v6(other) && (any(one) || any(other)));
}

}  // namespace

std::string_view to_text(SrtServer::Direction direction) {
  static constexpr std::array<std::string_view, 3> names{"both", "in", "out"};
  return names[static_cast<std::size_t>(direction)];
}

bool listens_for_srt(const Config& config) {
  return std::any_of(config.srt_servers.begin(), config.srt_servers.end(),
                     [](const SrtServer& one) { return one.enabled; });
}

const SrtServer* srt_server_at(const Config& config, const Endpoint& endpoint) {
  for (const SrtServer& one : config.srt_servers) {
    if (one.enabled && std::find(one.listen.begin(), one.listen.end(), endpoint) != one.listen.end()) return &one;
  }
  return nullptr;
}

const SrtServer* srt_server_for(const Config& config, SrtServer::Direction direction) {
  using Direction = SrtServer::Direction;
  for (const SrtServer& one : config.srt_servers) {
    if (!one.enabled || one.listen.empty()) continue;
    if (one.direction == Direction::both || one.direction == direction) return &one;
  }
  return nullptr;
}

SrtSecret srt_secret_of(const Vhost& vhost, const SrtServer& server, std::string_view stream) {
  const Srt::Stream* best = nullptr;
  for (const Srt::Stream& one : vhost.srt.streams) {
    if (!fits(one.pattern, stream)) continue;
    if (!best || precision(one.pattern) > precision(best->pattern)) best = &one;
  }
  // The length of a key goes with the secret that it was written for, and reaches further in only where none is there.
  SrtSecret secret{server.passphrase, server.pbkeylen};
  const auto take = [&secret](const std::string& passphrase, int key_bytes) {
    if (passphrase.empty()) return;
    secret.passphrase = passphrase;
    if (key_bytes != 0) secret.key_bytes = key_bytes;
  };
  take(vhost.srt.passphrase, vhost.srt.pbkeylen);
  if (best) take(best->passphrase, best->pbkeylen);
  return secret;
}

void check_srt(const Config& config, Binder& binder, Problems& problems) {
  struct Port {
    const Endpoint* endpoint;
    std::size_t server;
  };
  const auto& servers = config.srt_servers;
  const auto path = [&](std::size_t i) { return path_of_block("srt_server", servers[i].name, i); };
  std::vector<Port> ports;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    check_passphrase(servers[i].passphrase, path(i) + ".passphrase", binder, problems);
    if (!servers[i].enabled) continue;
    for (const Endpoint& endpoint : servers[i].listen) {
      const auto taken = std::find_if(ports.begin(), ports.end(), [&](const Port& one) {
        return one.server != i && overlap(*one.endpoint, endpoint);
      });
      if (taken != ports.end()) {
        const std::string listen = path(i) + ".listen";
        problems.error(binder.is_written(listen) ? binder.place_of(listen) : binder.place_of(path(i)),
                       fmt::format("'{}' is that of another srt_server already{}", to_text(endpoint),
                                   binder.is_written(listen) ? "" : " (the default of 'listen')"));
      }
      ports.push_back({&endpoint, i});
    }
  }
}

void check_srt(const Vhost& vhost, const std::string& path, Binder& binder, Problems& problems) {
  check_passphrase(vhost.srt.passphrase, path + ".srt.passphrase", binder, problems);
  for (const Srt::Stream& one : vhost.srt.streams) {
    const std::string block = fmt::format("{}.srt.stream[{}]", path, one.pattern);
    if (one.pattern.empty() || one.pattern.size() > longest_pattern) {
      problems.error(binder.place_of(block),
                     fmt::format("'stream' needs the streams: 'stream live/cam* {{ ... }}', {} characters at most",
                                 longest_pattern));
    }
    if (one.passphrase.empty()) {
      problems.error(binder.place_of(block), fmt::format("'stream {}' has no passphrase", one.pattern));
    }
    check_passphrase(one.passphrase, block + ".passphrase", binder, problems);
  }
  if (vhost.srt.streams.size() > most_streams) {
    problems.error(binder.place_of(path + ".srt"), fmt::format("more than {} 'stream' blocks", most_streams));
  }
  if (!vhost.srt.srt_to_rtmp) {
    problems.warn(binder.place_of(path + ".srt.srt_to_rtmp"),
                  "srt_to_rtmp off has no effect: what comes by SRT is offered to all protocols");
  }
}

}  // namespace weir::config
