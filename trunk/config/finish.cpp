#include "config/finish.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/url.h"
#include "config/check_registry.h"
#include "config/check_remote.h"
#include "config/check_webrtc.h"
#include "config/srt_servers.h"

namespace weir::config {
namespace {

// Descriptors that are not connections: listeners, log, files, pipes to children.
constexpr std::uint64_t spare_descriptors = 128;

void finish_play(Vhost& vhost, const std::string& path, Binder& binder) {
  Play& play = vhost.play;
  const auto written = [&](const char* name) { return binder.is_written(path + ".play." + name); };
  // Who asks for a fixed wait gets it, as from SRS, unless he asks for the adaptive one as well.
  if (!written("mw_adaptive") && (written("mw_latency") || written("mw_msgs"))) {
    play.mw_adaptive = false;
    binder.note(path + ".play.mw_adaptive", "off");
  }
  vhost.rtc_min_latency = !binder.is_written(path + ".min_latency") || vhost.min_latency;
  play.rtc_mw_msgs = written("mw_msgs") ? play.mw_msgs : vhost.rtc_min_latency ? 0 : 1;
  if (!written("mw_msgs") && vhost.min_latency) play.mw_msgs = 0;
}

// Streams that have playlists of their own have files of their own: what tells the playlists apart and is missing in
// the pattern of a file becomes a folder of it. Else the one would give away, and remove, what belongs to the other.
void keep_streams_apart(Hls& hls, const std::string& path, Binder& binder, Problems& problems) {
  const std::pair<const char*, std::string*> patterns[] = {{"hls_ts_file", &hls.ts_file},
                                                           {"hls_fmp4_file", &hls.fmp4_file},
                                                           {"hls_init_file", &hls.init_file},
                                                           {"hls_key_file", &hls.key_file}};
  const auto has = [](const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; };
  for (const auto& [name, pattern] : patterns) {
    const std::string written = *pattern;
    std::size_t at = pattern->rfind('/') + 1;
    for (const std::string_view variable : {"[app]", "[stream]"}) {
      if (!has(hls.m3u8_file, variable) || has(*pattern, variable)) continue;
      const std::string folder = std::string(variable) + "/";
      pattern->insert(at, folder);
      at += folder.size();
    }
    if (*pattern == written) continue;
    problems.warn(binder.place_of(path + ".hls." + name),
                  fmt::format("'{}' gives two streams the same files; '{}' is used", written, *pattern));
  }
}

// A file has the format that its name ends in; without an ending it is a folder, and FLV.
void check_recording(const Dvr& dvr, const Place& place, Problems& problems) {
  if (!dvr.enabled) return;
  const std::string name = dvr.path.substr(dvr.path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || name.find(']', dot) != std::string::npos) return;
  const std::string ending = name.substr(dot);
  if (ending == ".flv" || ending == ".mp4" || ending == ".ts") return;
  problems.warn(place, fmt::format("'{}' is no format of recordings: .flv, .mp4 and .ts are", ending));
}

void check_hooks(const HttpHooks& hooks, const std::string& path, const Binder& binder, Problems& problems) {
  if (!hooks.enabled) return;
  const std::pair<const char*, const HttpHooks::Urls*> all[] = {{"on_connect", &hooks.on_connect},
                                                                {"on_close", &hooks.on_close},
                                                                {"on_publish", &hooks.on_publish},
                                                                {"on_unpublish", &hooks.on_unpublish},
                                                                {"on_play", &hooks.on_play},
                                                                {"on_stop", &hooks.on_stop},
                                                                {"on_dvr", &hooks.on_dvr},
                                                                {"on_hls", &hooks.on_hls},
                                                                {"on_hls_notify", &hooks.on_hls_notify},
                                                                {"on_device_online", &hooks.on_device_online},
                                                                {"on_device_offline", &hooks.on_device_offline},
                                                                {"on_device_alarm", &hooks.on_device_alarm},
                                                                {"on_srt_passphrase", &hooks.on_srt_passphrase},
                                                                {"on_device_talk", &hooks.on_device_talk},
                                                                {"on_device_talk_over", &hooks.on_device_talk_over}};
  for (const auto& [name, urls] : all) {
    for (const std::string& text : *urls) {
      const auto url = base::parse_url(text);
      if (url && !url->host.empty() && (url->scheme == "http" || url->scheme == "https")) continue;
      problems.warn(binder.place_of(path + ".http_hooks." + name),
                    fmt::format("'{}' is no URL of HTTP: http://HOST[:PORT]/PATH", text));
    }
  }
}

void check_tokens(const Auth& auth, const std::string& path, const Binder& binder, Problems& problems) {
  if (!auth.enabled || auth.jwks.empty()) return;
  const Place place = binder.place_of(path + ".auth.jwks");
  const auto url = base::parse_url(auth.jwks);
  if (!url || url->host.empty() || (url->scheme != "http" && url->scheme != "https")) {
    problems.error(place, fmt::format("'{}' is no URL of HTTP: https://HOST[:PORT]/PATH", auth.jwks));
    return;
  }
  if (auth.scheme != Auth::Scheme::jwt) problems.warn(place, "jwks is of no use without 'scheme jwt'");
  const bool near = url->host == "localhost" || url->host == "::1" || url->host.starts_with("127.");
  if (url->scheme == "http" && !near) {
    problems.warn(place, "keys that come over http can be changed on their way, and then anybody's tokens are good");
  }
}

void check_ladder(const std::vector<std::string>& endings, const char* name, const Place& place, Problems& problems) {
  constexpr std::size_t most_renditions = 16;
  if (endings.size() > most_renditions) {
    problems.error(place, fmt::format("{} has more than {} endings", name, most_renditions));
  }
  for (const std::string& ending : endings) {
    if (!ending.empty() && ending.find_first_of("/?#.[") == std::string::npos) continue;
    problems.error(place, fmt::format("'{}' is no ending of a name, as _720", ending));
  }
}

void check_vhost(const Vhost& vhost, const std::string& path, Binder& binder, Problems& problems) {
  const auto place = [&](const char* name) { return binder.place_of(path + "." + name); };
  if (vhost.http_remux.enabled) {
    const std::string& mount = vhost.http_remux.mount;
    if (vhost.hls.enabled && mount.ends_with(".ts")) {
      problems.error(place("http_remux.mount"),
                     fmt::format("http_remux mounts '{}' while HLS is on: both would own the .ts files", mount));
    }
    const auto has_ending = [&](const char* ending) { return mount.ends_with(ending); };
    if (!has_ending(".flv") && !has_ending(".ts") && !has_ending(".aac") && !has_ending(".mp3") &&
        !has_ending(".mp4")) {
      problems.error(place("http_remux.mount"), fmt::format("'{}' must end in .flv, .ts, .aac, .mp3 or .mp4", mount));
    } else if (!has_ending(".flv")) {
      binder.refuse_if_not_built(Feature::http_other_formats, place("http_remux.mount"), "mount");
    }
  }
  if (vhost.hls.enabled && vhost.hls.keys && vhost.hls.low_latency) {
    problems.warn(
        place("hls.hls_keys"),
        "hls_low_latency does nothing beside hls_keys: parts of encrypted segments cannot be decrypted alone");
  }
  check_ladder(vhost.hls.ladder, "hls_ladder", place("hls.hls_ladder"), problems);
  if (vhost.dash.ladder != vhost.hls.ladder) {
    check_ladder(vhost.dash.ladder, "dash_ladder", place("dash.dash_ladder"), problems);
  }
  if (vhost.dash.enabled && vhost.dash.low_latency && vhost.dash.chunk_duration * 2 > vhost.dash.fragment) {
    problems.warn(
        place("dash.dash_chunk_duration"),
        "dash_chunk_duration is more than half of dash_fragment: segments have one chunk, and no low latency");
  }
  if (vhost.hls.enabled && vhost.hls.window < vhost.hls.fragment) {
    problems.warn(place("hls.hls_window"),
                  "hls_window is shorter than hls_fragment: a playlist never has more than what is needed");
  }
  check_recording(vhost.dvr, place("dvr.dvr_path"), problems);
  check_hooks(vhost.http_hooks, path, binder, problems);
  check_tokens(vhost.auth, path, binder, problems);
  check_remote(vhost, path, binder, problems);
}

// "$NAME" stands for that variable; SRS looks it up in upper case, with '_' for '.'.
void resolve_candidate(std::string& candidate, const Environment& environment) {
  if (!candidate.starts_with('$')) return;
  std::string name = candidate.substr(1);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return c == '.' ? '_' : static_cast<char>(std::toupper(c)); });
  const auto found = environment.find(name);
  candidate = found == environment.end() || found->second.empty() ? "*" : found->second;
}

void apply_docker(Config& config, bool in_docker, Binder& binder) {
  if (!in_docker && !config.process.in_docker) return;
  config.process.in_docker = true;
  if (config.process.disable_daemon_for_docker) config.process.daemon = false;
  if (config.process.auto_reload_for_docker) config.process.inotify_auto_reload = true;
  if (!binder.is_written("srs_log_tank")) config.log.to_file = false;
}

// "https://example.org:8443": as browsers write it, without a path.
bool is_origin(const std::string& text) {
  if (text == "*") return true;
  const auto url = base::parse_url(text);
  return url && (url->scheme == "http" || url->scheme == "https") && url->user.empty() && url->path.empty() &&
         url->query.empty() && url->fragment.empty();
}

bool is_host(const std::string& text) {
  return text == "*" || std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
         });
}

void check_doors(const Config& config, Binder& binder, Problems& problems) {
  const auto check = [&](const std::vector<std::string>& words, const char* name, bool (*fits)(const std::string&),
                         const char* wanted) {
    for (const std::string& word : words) {
      if (!fits(word)) problems.error(binder.place_of(name), fmt::format("'{}' is not {}", word, wanted));
    }
  };
  constexpr const char* origin = "an origin such as https://example.org, nor *";
  check(config.http_api.crossdomain_origins, "http_api.crossdomain_origins", is_origin, origin);
  check(config.http_server.crossdomain_origins, "http_server.crossdomain_origins", is_origin, origin);
  check(config.http_api.host_names, "http_api.host_names", is_host, "a host name such as media.example.org, nor *");
}

void check_http(Config& config, Binder& binder, Problems& problems) {
  const HttpServer& server = config.http_server;
  HttpApi& api = config.http_api;
  if (api.https.enabled && !api.enabled) {
    problems.error(binder.place_of("http_api.https.enabled"), "HTTPS of http_api needs http_api itself: 'enabled on'");
  }
  if (server.https.enabled && !server.enabled) {
    problems.error(binder.place_of("http_server.https.enabled"),
                   "HTTPS of http_server needs http_server itself: 'enabled on'");
  }
  if (api.edit_file && !api.auth.enabled) {
    problems.error(binder.place_of("http_api.edit_file"),
                   "edit_file lets who asks run programs: it needs a password, 'auth { enabled on; ... }' of http_api");
  }
  if (!api.enabled || !server.enabled) return;
  if (api.listen == server.listen && !binder.is_written("http_api.https.listen"))
    api.https.listen = server.https.listen;
  if (!api.https.enabled || !server.https.enabled) return;
  if ((api.listen == server.listen) != (api.https.listen == server.https.listen)) {
    problems.error(binder.place_of("http_api.https.listen"),
                   "http_api and http_server must share both the HTTP and the HTTPS port, or neither");
  }
}

void check_otlp(const Otlp& otlp, const Binder& binder, Problems& problems) {
  if (otlp.endpoint.empty()) return;
  const auto url = base::parse_url(otlp.endpoint);
  if (url && !url->host.empty() && (url->scheme == "http" || url->scheme == "https")) return;
  problems.error(binder.place_of("otlp.endpoint"),
                 fmt::format("'{}' is no URL of HTTP: http://HOST[:PORT][/PATH]", otlp.endpoint));
}

void check_limits(const Config& config, const Surroundings& surroundings, Binder& binder, Problems& problems) {
  const std::uint64_t wanted = config.limits.max_connections + spare_descriptors;
  if (surroundings.max_open_files != 0 && wanted >= surroundings.max_open_files) {
    problems.error(
        binder.place_of("max_connections"),
        fmt::format("max_connections {} needs more than {} file descriptors, but the limit is {}: run 'ulimit -n {}'",
                    config.limits.max_connections, wanted, surroundings.max_open_files, wanted + 1));
  }
  if (surroundings.local_addresses != 0 && config.stats.network >= static_cast<int>(surroundings.local_addresses)) {
    problems.error(binder.place_of("stats.network"),
                   fmt::format("stats.network {} does not exist: this machine has {} addresses", config.stats.network,
                               surroundings.local_addresses));
  }
}

// Headers are read from trusted_proxies alone: with none of those, the directive does nothing.
void check_proxies(const Config& config, Binder& binder, Problems& problems) {
  if (!config.trusted_proxies.empty()) return;
  const auto check = [&](bool on, const char* name) {
    if (on) {
      problems.warn(binder.place_of(name),
                    std::string(name) + " is on, but trusted_proxies names nobody: no header is read");
    }
  };
  check(config.rtmp.proxy_protocol, "rtmp.proxy_protocol");
  check(config.rtmps.proxy_protocol, "rtmps.proxy_protocol");
  check(config.http_server.proxy_protocol, "http_server.proxy_protocol");
  check(config.http_api.proxy_protocol, "http_api.proxy_protocol");
  if (config.real_ip_header != RealIpHeader::either) {
    problems.warn(binder.place_of("real_ip_header"), "real_ip_header does nothing while trusted_proxies names nobody");
  }
}

}  // namespace

void finish_vhost(Vhost& vhost, const std::string& path, const Config& config, Binder& binder, Problems& problems) {
  if (!binder.is_written(path + ".chunk_size")) vhost.chunk_size = config.rtmp.chunk_size;
  if (!binder.is_written(path + ".hls.hls_key_file_path")) vhost.hls.key_file_path = vhost.hls.path;
  if (!binder.is_written(path + ".hls.hls_key_url")) vhost.hls.key_url = vhost.hls.path;
  if (!binder.is_written(path + ".dash.dash_ladder")) vhost.dash.ladder = vhost.hls.ladder;
  keep_streams_apart(vhost.hls, path, binder, problems);
  finish_play(vhost, path, binder);
  check_vhost(vhost, path, binder, problems);
  check_srt(vhost, path, binder, problems);
}

void check_tls(const Tls& tls, Binder& binder, Problems& problems) {
  static constexpr std::array<std::string_view, 5> known{"X25519", "X448", "P-256", "P-384", "P-521"};
  for (const std::string& curve : tls.curves) {
    if (std::find(known.begin(), known.end(), curve) != known.end()) continue;
    problems.error(binder.place_of("tls.curves"),
                   fmt::format("the curve '{}' is not known: X25519, X448, P-256, P-384 and P-521 are", curve));
  }
  if (tls.min_version > tls.max_version) {
    problems.error(binder.place_of("tls.min_version"), "tls: min_version is above max_version");
  }
}

void finish_config(Config& config, const Surroundings& surroundings, bool environment_only, Binder& binder,
                   Problems& problems) {
  if (environment_only) {
    if (!binder.is_written("daemon")) config.process.daemon = false;
    if (!binder.is_written("srs_log_tank")) config.log.to_file = false;
    if (config.rtmp.listen.empty()) config.rtmp.listen = {{"", 1935}};
  }
  apply_docker(config, surroundings.in_docker, binder);
  if (config.rtmp.listen.empty() && !binder.is_written("rtmp.listen"))
    problems.error(binder.place_of(""), "no 'listen': where RTMP listens must be said");
  if (config.rtmps.enabled && config.rtmps.listen.empty()) {
    problems.error(binder.place_of("rtmps.enabled"), "rtmps is on, but has no 'listen'");
  }
  if (config.process.asprocess && config.process.daemon) {
    problems.error(binder.place_of("asprocess"), "asprocess and daemon exclude each other: write 'daemon off'");
  }
  check_srt(config, binder, problems);
  for (std::size_t i = 0; i < config.stream_casters.size(); ++i) {
    const auto path = fmt::format("stream_caster[{}]", i);
    resolve_candidate(config.stream_casters[i].sip.candidate, surroundings.environment);
    check_caster(config.stream_casters[i], path, binder, problems);
  }
  check_one_gb28181(config, binder, problems);
  check_one_standard_input(config, binder, problems);
  resolve_candidate(config.rtc_server.candidate, surroundings.environment);
  check_webrtc(config, binder, problems);
  check_tls(config.tls, binder, problems);
  check_registry(config, binder, problems);
  check_http(config, binder, problems);
  check_otlp(config.otlp, binder, problems);
  check_doors(config, binder, problems);
  check_limits(config, surroundings, binder, problems);
  check_proxies(config, binder, problems);
}

}  // namespace weir::config
