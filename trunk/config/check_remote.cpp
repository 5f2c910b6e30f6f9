#include "config/check_remote.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/redact.h"
#include "base/url.h"
#include "config/ffmpeg_rules.h"
#include "config/hls_origins.h"
#include "config/port_range.h"
#include "config/rist_url.h"
#include "config/sip_rules.h"
#include "config/source_rules.h"
#include "config/srt_url.h"
#include "config/udp_target.h"
#include "config/udp_url.h"

namespace weir::config {
namespace {

constexpr std::array<std::string_view, 2> rtmp_schemes{"rtmp", "rtmps"}, http_schemes{"http", "https"};

bool is_place(std::string_view text) {
  const auto place = base::parse_host_port(text.substr(0, text.find('/')));
  return place && !place->first.empty();
}

bool is_url_of(std::string_view text, std::span<const std::string_view> schemes) {
  const auto url = base::parse_url(text);
  return url && std::find(schemes.begin(), schemes.end(), url->scheme) != schemes.end();
}

// What a fault quotes of a URL that variables were filled into may be what one of them stands for: "no option
// 'SECRET'".
std::string fault_shown(std::string fault, const std::string& text, const std::string& written) {
  const std::size_t first = fault.find('\''), last = fault.rfind('\'');
  if (text == written || first >= last) return fault;
  const std::string_view quoted = std::string_view(fault).substr(first + 1, last - first - 1);
  if (written.find(quoted) != std::string::npos) return fault;
  return fault.replace(first + 1, last - first - 1, "***");
}

// True: it is one of SRT's, whatever is wrong with it. Told as it was written, if variables were filled in.
bool check_srt_url(const std::string& text, const Place& place, Problems& problems, const std::string& written) {
  if (!is_srt_url(text)) return false;
  std::string fault;
  const auto url = parse_srt_url(text, fault);
  if (!url) {
    problems.error(place, fmt::format("'{}' is no SRT URL: {}", written, fault_shown(fault, text, written)));
  } else if (const std::string oddity = oddity_of(*url); !oddity.empty()) {
    problems.warn(place, fmt::format("'{}': {}", written, oddity));
  }
  return true;
}
bool check_srt_url(const std::string& text, const Place& place, Problems& problems) {
  return check_srt_url(text, place, problems, text);
}

// The same of a port.
bool check_udp_url(const std::string& text, const Place& place, Problems& problems, const std::string& written) {
  if (!is_udp_url(text)) return false;
  std::string fault;
  if (!parse_udp_url(text, fault)) {
    problems.error(place, fmt::format("'{}' is no URL of a UDP port: {}", written, fault_shown(fault, text, written)));
  }
  return true;
}
bool check_udp_url(const std::string& text, const Place& place, Problems& problems) {
  return check_udp_url(text, place, problems, text);
}

// The same of where something is sent by UDP.
bool check_udp_target(const std::string& text, const Place& place, Problems& problems, const std::string& written) {
  if (!is_udp_url(text)) return false;
  std::string fault;
  if (!parse_udp_target(text, fault)) {
    problems.error(place, fmt::format("'{}' is no target of UDP: {}", written, fault_shown(fault, text, written)));
  }
  return true;
}

// The same of RIST, where one is fetched from (`source`) or sent to.
bool check_rist_url(const std::string& text, bool source, const Place& place, Problems& problems,
                    const std::string& written) {
  if (!is_rist_url(text)) return false;
  std::string fault;
  if (!(source ? parse_rist_source(text, fault) : parse_rist_target(text, fault))) {
    problems.error(place,
                   fmt::format("'{}' is no URL of RIST: {}", base::shown(written), fault_shown(fault, text, written)));
  } else if (!has_rist()) {
    problems.error(place, fmt::format("'{}': {}", base::shown(written), no_rist));
  }
  return true;
}

// What can never work is refused.
void check_piped(const Transcode& transcode, const std::string& block, const Binder& binder, Problems& problems) {
  std::map<std::string, std::string> makers;
  for (const Engine& engine : transcode.engines) {
    if (!engine.enabled || engine.output.empty()) continue;
    const Place place = binder.place_of(fmt::format("{}.engine[{}]", block, engine.name));
    if (const std::string fault = fault_of_piped(engine); !fault.empty()) {
      problems.error(place, fmt::format("engine {}: {}", engine.name, fault));
    }
    const auto [first, is_new] = makers.try_emplace(output_of(engine), engine.name);
    if (!is_new) {
      problems.error(place,
                     fmt::format("engine {}: it makes the same stream as engine {}", engine.name, first->second));
    }
  }
}

// SRS says so when it would run them, in the log.
void check_programs(const Vhost& vhost, const std::string& path, const Binder& binder, Problems& problems) {
  std::string block;
  const auto warn = [&](const std::string& what, const std::string& fault) {
    problems.warn(binder.place_of(block), fmt::format("{} is not run: {}", what, fault));
  };
  for (const Transcode& transcode : vhost.transcodes) {
    if (!transcode.enabled) continue;
    block = fmt::format("{}.transcode[{}]", path, transcode.scope);
    const std::string of = transcode.scope.empty() ? "" : " " + transcode.scope;
    if (transcode.ffmpeg.empty()) warn("transcode" + of, "it names no program");
    for (const Engine& engine : transcode.engines) {
      const std::string fault = engine.enabled ? fault_of(engine, false) : std::string();
      if (!fault.empty()) warn(fmt::format("engine {} of transcode{}", engine.name, of), fault);
    }
    if (transcode.pipe) check_piped(transcode, block, binder, problems);
  }
  for (const StreamProcess& process : vhost.processes) {
    const std::string fault = process.enabled ? fault_of(process) : std::string();
    if (fault.empty()) continue;
    problems.error(binder.place_of(fmt::format("{}.process[{}]", path, process.name)),
                   fmt::format("process {}: {}", process.name, fault));
  }
  for (const Ingest& ingest : vhost.ingests) {
    if (!ingest.enabled) continue;
    block = fmt::format("{}.ingest[{}]", path, ingest.id);
    if (ingest.ffmpeg.empty() && check_udp_url(ingest.input_url, binder.place_of(block), problems)) continue;
    if (ingest.ffmpeg.empty() && check_srt_url(ingest.input_url, binder.place_of(block), problems)) continue;
    if (ingest.ffmpeg.empty() &&
        check_rist_url(ingest.input_url, true, binder.place_of(block), problems, ingest.input_url)) {
      continue;
    }
    if (ingest.input_url.empty()) {
      warn("ingest " + ingest.id, "it names no input");
    } else if (ingest.ffmpeg.empty()) {
      const std::string fault = fault_of_source_url(source_url_of(ingest));
      if (!fault.empty()) warn("ingest " + ingest.id, "it names no program, and without one " + fault);
    } else {
      if (ingest.engines.empty()) warn("ingest " + ingest.id, "it names no output");
      for (const Engine& engine : ingest.engines) {
        const bool copies = !engine.enabled || (engine.vcodec.empty() && engine.acodec.empty());
        if (const std::string fault = fault_of(engine, copies); !fault.empty()) warn("ingest " + ingest.id, fault);
      }
    }
  }
}

void check_coworkers(const Cluster& cluster, const std::string& path, Binder& binder, Problems& problems) {
  const auto place = [&](const char* name) { return binder.place_of(path + ".cluster." + name); };
  if (cluster.origin_cluster && cluster.remote) {
    problems.warn(place("origin_cluster"), "an edge fetches what it does not have: 'origin_cluster' is for origins");
  }
  if (cluster.origin_cluster && cluster.coworkers.empty()) {
    problems.warn(place("origin_cluster"), "'origin_cluster' without 'coworkers' has nobody to ask");
  }
  for (const std::string& coworker : cluster.coworkers) {
    if (!is_place(coworker)) problems.error(place("coworkers"), fmt::format("'{}' is not host[:port]", coworker));
  }
  if (!cluster.advertise.empty() && !is_place(cluster.advertise)) {
    problems.error(place("advertise"), fmt::format("'{}' is not host[:port]", cluster.advertise));
  }
  if (cluster.hls_relay && !cluster.remote) {
    problems.warn(place("hls_relay"), "'hls_relay' is for edges: there is no origin to ask here");
  }
  for (const std::string& origin : cluster.hls_origin) {
    if (!hls_origin_of(origin)) {
      problems.error(place("hls_origin"), fmt::format("'{}' is neither host[:port] nor http[s]://host[:port]", origin));
    }
  }
  if (cluster.hls_relay && cluster.remote && hls_origins_of(cluster).empty()) {
    problems.warn(place("hls_relay"), "'hls_relay' has nobody to ask: 'hls_origin' names an HTTP server");
  }
  if (cluster.token_traverse && !cluster.remote) {
    problems.warn(place("token_traverse"), "'token_traverse' is for edges: there is no origin to ask here");
  }
}

bool is_destination(const std::string& target) {
  if (target.find("://") == std::string::npos) return is_place(target);
  return is_url_of(target, rtmp_schemes) || is_url_of(target, http_schemes);
}

void check_pushes(const Vhost& vhost, const std::string& path, const Binder& binder, Problems& problems) {
  for (std::size_t i = 0; i < vhost.pushes.size(); ++i) {
    const Push& push = vhost.pushes[i];
    if (!push.enabled) continue;
    const auto before = std::span(vhost.pushes).first(i);
    const bool again = std::ranges::any_of(before, [&](const Push& other) { return other.scope == push.scope; });
    const Place place =
        binder.place_of(fmt::format("{}.push[{}]", path, again ? fmt::format("{}#{}", push.scope, i) : push.scope));
    const std::string of = push.scope.empty() ? "push" : "push " + push.scope;
    const std::string& written = written_url(urls_of(push), push.written, 0);
    if (push.url.empty()) {
      problems.error(place, of + " names no 'url'");
    } else if (!check_srt_url(push.url, place, problems, written) &&
               !check_udp_target(push.url, place, problems, written) &&
               !check_rist_url(push.url, false, place, problems, written) && !is_destination(push.url)) {
      problems.error(place, fmt::format("{}: '{}' is neither host[:port] nor rtmp[s]://host[:port]/app[/stream] nor "
                                        "http[s]://host[:port]/path nor srt://host:port nor udp://host:port nor "
                                        "rtp://host:port nor rist://host:port",
                                        of, written));
    }
  }
}

void check_sources(const Vhost& vhost, const std::string& path, const Binder& binder, Problems& problems) {
  for (std::size_t i = 0; i < vhost.sources.size(); ++i) {
    const Source& source = vhost.sources[i];
    if (!source.enabled) continue;
    const auto named = [&](const Source& other) { return other.scope == source.scope; };
    const bool again =
        std::any_of(vhost.sources.begin(), vhost.sources.begin() + static_cast<std::ptrdiff_t>(i), named);
    const std::string name = again ? fmt::format("{}#{}", source.scope, i) : source.scope;
    const Place place = binder.place_of(fmt::format("{}.source[{}]", path, name));
    const std::string of = source.scope.empty() ? "source" : "source " + source.scope;
    if (source.urls.empty()) problems.error(place, of + " names no 'url'");
    for (std::size_t u = 0; u < source.urls.size(); ++u) {
      const std::string& url = source.urls[u];
      const std::string& written = written_url(source.urls, source.written, u);
      if (check_srt_url(url, place, problems, written) || check_udp_url(url, place, problems, written)) continue;
      if (check_rist_url(url, true, place, problems, written)) continue;
      const std::string fault = fault_of_source_url(url);
      if (!fault.empty()) problems.error(place, fmt::format("{}: '{}' cannot be fetched: {}", of, written, fault));
    }
    if (!source.on_demand && !names_one_stream(source)) {
      problems.error(place, of + ": what is not fetched on demand has a name, APP/STREAM");
    }
    const auto same = [&](const Source& other) { return other.enabled && other.scope == source.scope; };
    const auto first = std::find_if(vhost.sources.begin(), vhost.sources.end(), same);
    if (first->on_demand != source.on_demand) {
      problems.error(place, of + ": the sources of a stream are all fetched on demand, or all of them always");
    }
  }
}

}  // namespace

void check_remote(const Vhost& vhost, const std::string& path, Binder& binder, Problems& problems) {
  const auto place = [&](const char* name) { return binder.place_of(path + "." + name); };
  if (vhost.forward.enabled && vhost.publish.kickoff_for_idle.count() > 0) {
    problems.error(place("publish.kickoff_for_idle"),
                   "kickoff_for_idle cannot stand beside forward: a forwarded stream has no players here");
  }
  const Forward& forward = vhost.forward;
  for (std::size_t i = 0; i < forward.destination.size(); ++i) {
    const std::string& target = forward.destination[i];
    const std::string& written = written_url(forward.destination, forward.written, i);
    if (check_srt_url(target, place("forward.destination"), problems, written)) continue;
    if (check_udp_target(target, place("forward.destination"), problems, written)) continue;
    if (check_rist_url(target, false, place("forward.destination"), problems, written)) continue;
    if (is_destination(target)) continue;
    problems.error(
        place("forward.destination"),
        fmt::format("'{}' is neither host[:port] nor rtmp[s]://host[:port]/app[/stream] nor "
                    "http[s]://host[:port]/path nor srt://host:port nor udp://host:port nor rtp://host:port nor "
                    "rist://host:port",
                    written));
  }
  check_programs(vhost, path, binder, problems);
  check_sources(vhost, path, binder, problems);
  check_pushes(vhost, path, binder, problems);
  if (vhost.cluster.remote && vhost.cluster.origin.empty()) {
    problems.warn(place("cluster.mode"), "an edge without an 'origin' can fetch nothing");
  }
  for (const std::string& origin : vhost.cluster.origin) {
    if (check_srt_url(origin, place("cluster.origin"), problems)) continue;
    if (is_source_url(origin)) {
      const std::string fault = fault_of_source_url(origin);
      if (fault.empty()) continue;
      problems.error(place("cluster.origin"), fmt::format("'{}' cannot be fetched: {}", origin, fault));
    } else if (!is_place(origin)) {
      problems.error(place("cluster.origin"), fmt::format("'{}' is not host[:port]", origin));
    }
  }
  check_coworkers(vhost.cluster, path, binder, problems);
}

namespace {

void check_gb28181(const StreamCaster& caster, const std::string& path, Binder& binder, Problems& problems) {
  const auto place = [&](const char* name) {
    return binder.place_of(path + (binder.is_written(path + name) ? name : ".enabled"));
  };
  if (!caster.media_ports.empty()) {
    const auto range = parse_port_range(caster.media_ports);
    if (!range) {
      problems.error(place(".media_ports"),
                     fmt::format("'{}' is no range of ports, as 30000-30500", caster.media_ports));
    } else if (range->high - range->low < 1) {
      problems.error(place(".media_ports"),
                     "media_ports holds no even port and the odd one behind it: RTP takes even ones");
    }
  } else if (caster.listen.size() != 1) {
    problems.error(place(".listen"), "gb28181 without media_ports takes all media at one port: 'listen' says which");
  }
  check_sip(caster.sip, path + ".sip", binder, problems);
  if (caster.output.empty()) return;  // live/[stream]
  const auto output = base::parse_url(caster.output);
  const bool is_rtmp = output && (output->scheme == "rtmp" || output->scheme == "rtmps");
  const bool names_app = is_rtmp && output->path.find('/', 1) != std::string::npos;
  const bool tells_apart = std::ranges::any_of(std::array{"[stream]", "[device]", "[channel]"}, [&](const char* word) {
    return caster.output.find(word) != std::string::npos;
  });
  if (!names_app || !tells_apart) {
    problems.error(place(".output"),
                   "'output' of gb28181 names a stream for each id, as rtmp://127.0.0.1/live/[stream]");
  }
}

}  // namespace

void check_one_gb28181(const Config& config, Binder& binder, Problems& problems) {
  bool known = false;
  for (std::size_t i = 0; i < config.stream_casters.size(); ++i) {
    const StreamCaster& one = config.stream_casters[i];
    if (!one.enabled || one.caster != StreamCaster::Kind::gb28181) continue;
    if (std::exchange(known, true)) {
      problems.error(
          binder.place_of(fmt::format("stream_caster[{}].enabled", i)),
          "a second stream_caster of gb28181: one takes the devices of all, and its 'output' tells them apart");
    }
  }
}

void check_one_standard_input(const Config& config, Binder& binder, Problems& problems) {
  bool known = false;
  for (const auto& vhost : config.vhosts) {
    for (const Source& source : vhost->sources) {
      if (!source.enabled || std::ranges::find(source.urls, standard_input) == source.urls.end()) continue;
      const Place place = binder.place_of(fmt::format("vhost[{}].source[{}]", vhost->name, source.scope));
      if (!names_one_stream(source)) {
        problems.error(place, "standard input is one stream's: its source has a name, APP/STREAM");
      } else if (std::exchange(known, true)) {
        problems.error(place, "standard input is one stream's, and another source has it already");
      }
    }
  }
}

void check_caster(const StreamCaster& caster, const std::string& path, Binder& binder, Problems& problems) {
  if (!caster.enabled) return;
  const Place place = binder.place_of(path + ".enabled");
  if (!binder.is_written(path + ".caster")) {
    return problems.error(place, "stream_caster needs 'caster': mpegts_over_udp, rist, flv or gb28181");
  }
  if (caster.caster == StreamCaster::Kind::gb28181) return check_gb28181(caster, path, binder, problems);
  if (caster.caster == StreamCaster::Kind::flv) {
    return binder.refuse_if_not_built(Feature::stream_caster, place, "stream_caster");
  }
  const bool by_rist = caster.caster == StreamCaster::Kind::rist;
  const std::string kind = by_rist ? "rist" : "mpegts_over_udp";
  if (caster.listen.size() != 1) {
    problems.error(place, kind + " listens on one port: say which");
  } else if (by_rist) {
    check_rist_url(rist_url_of(caster), true, place, problems, "rist://@" + to_text(caster.listen.front()));
  }
  const auto output = base::parse_url(caster.output);
  const bool is_rtmp = output && (output->scheme == "rtmp" || output->scheme == "rtmps");
  const bool names_stream = is_rtmp && output->path.find('/', 1) != std::string::npos && !output->path.ends_with('/');
  if (!names_stream || caster.output.find('[') != std::string::npos) {
    problems.error(binder.place_of(path + (binder.is_written(path + ".output") ? ".output" : ".enabled")),
                   "'output' of " + kind + " names one stream, as rtmp://127.0.0.1/live/livestream");
  }
}

}  // namespace weir::config
