#include "session/pull/source.h"

#include "base/redact.h"
#include "base/text.h"
#include "base/url.h"
#include "config/rist_url.h"
#include "config/source_rules.h"
#include "session/common/path_pattern.h"
#include "session/common/protocol.h"
#include "session/common/upstream/destination.h"
#include "session/common/upstream/rtmp_link.h"
#include "session/common/upstream/way.h"
#include "session/pull/rtmp.h"

namespace weir::session::pull {

using base::Result;

hub::Request request_of(const std::shared_ptr<const config::Vhost>& vhost, std::string app, std::string stream) {
  hub::Request request;
  request.protocol = protocols::rtmp.id;
  request.role = hub::Role::publish;
  request.origin = hub::Origin::pull;
  request.vhost = vhost;
  request.app = std::move(app);
  request.stream = std::move(stream);
  return request;
}

namespace {

std::string encoded(std::string_view path) {
  std::string text;
  for (const std::string_view element : base::split(path, '/')) {
    text += (text.empty() ? "" : "/") + base::percent_encode(element);
  }
  return text;
}

// As SRS does it: the port of the origin is that of its HTTP server.
std::string flv_url_of(const proto::StreamUrl& url, bool secure) {
  constexpr std::uint16_t http_port = 8080, https_port = 443;
  const std::uint16_t usual = secure ? https_port : http_port;
  return (secure ? "https://" : "http://") + base::format_host_port(url.host, url.port != 0 ? url.port : usual) + "/" +
         encoded(url.app) + "/" + base::percent_encode(url.stream) + ".flv" + url.param;
}

// The first player decides, if it may.
config::Cluster::Protocol protocol_for(const config::Cluster& cluster, const hub::Request& wanted) {
  using enum config::Cluster::Protocol;
  if (!cluster.follow_client) return cluster.protocol;
  if (wanted.protocol == protocols::rtmp.id) return rtmp;
  return wanted.protocol == protocols::flv.id && cluster.protocol == rtmp ? flv : cluster.protocol;
}

// The URL of an origin for one stream. A player chooses its name: it leads no file elsewhere, and says nothing in a URL
// beside what it is. The words of a program are filled when it is started.
std::optional<std::string> filled(const std::string& url, const hub::Request& request) {
  const std::string scheme = base::lower(url.substr(0, url.find(':')));
  if (scheme == "exec") return url;
  PathValues values;
  values.vhost = request.vhost->name;
  values.app = request.app;
  values.stream = request.stream;
  const Lookup lookup = [&](std::string_view name) -> std::optional<std::string> {
    auto value = path_variable(name, values);
    return value && scheme != "file" ? encoded(*value) : value;
  };
  return scheme == "file" ? fill_file(url, lookup) : fill(url, lookup);
}

}  // namespace

Result<Source> source_of(const upstream::Schemes& schemes, const config::Cluster& cluster, const hub::Request& wanted,
                         std::string_view way) {
  if (cluster.origin.empty()) return upstream::Errc::nowhere;
  const config::Cluster::Protocol protocol = protocol_for(cluster, wanted);
  Source source{.text = "origin", .places = {}, .shown = {}};
  const auto add = [&source](upstream::Place place, const std::string& origin) {
    place.origin = origin;
    source.shown += (source.shown.empty() ? "" : " ") + place.shown;
    source.places.push_back(std::move(place));
  };
  for (const std::string& origin : cluster.origin) {
    source.text += " " + origin;
    if (config::is_source_url(origin)) {
      const auto url = filled(origin, wanted);
      if (!url) return upstream::Errc::bad_address;
      TRY(upstream::Place place, schemes.place_of(*url));
      add(std::move(place), origin);
      continue;
    }
    config::Cluster one = cluster;
    one.origin = {origin};
    TRY(upstream::Destination destination, upstream::origins_of(one, wanted, "request", way));
    if (const auto* srt = std::get_if<config::SrtUrl>(&destination.urls.front())) {
      TRY(upstream::Place place, schemes.place_of(config::to_text(*srt)));
      add(std::move(place), origin);
      continue;
    }
    auto& url = std::get<proto::StreamUrl>(destination.urls.front());
    if (protocol == config::Cluster::Protocol::rtmp) {
      add({make_rtmp_fetcher(std::move(url)), destination.shown, destination.secrets}, origin);
    } else {
      TRY(upstream::Place place, schemes.place_of(flv_url_of(url, protocol == config::Cluster::Protocol::flvs)));
      add(std::move(place), origin);
    }
  }
  return source;
}

namespace {

Result<Wanted> wanted_of(const upstream::Schemes& schemes, const config::Source& given, hub::Request request) {
  const bool cold = given.standby == config::Source::Standby::cold;
  const bool warm = given.standby == config::Source::Standby::warm;
  Source source{.text = "source " + given.scope + " " + std::to_string(given.priority) +
                        (cold   ? " cold"
                         : warm ? " warm"
                                : "") +
                        (given.restart_every.count() > 0 ? " " + std::to_string(given.restart_every.count()) : ""),
                .places = {},
                .shown = {},
                .name = config::name_of(given),
                .priority = static_cast<int>(given.priority),
                .cold = cold,
                .warm = warm,
                .restart_every = given.restart_every,
                .by_api = given.by_api,
                .public_only = given.public_only};
  if (given.public_only) source.text += " public";
  for (std::size_t i = 0; i < given.urls.size(); ++i) {
    const auto text = filled(given.urls[i], request);
    if (!text) return upstream::Errc::bad_address;
    TRY(upstream::Place place, schemes.place_of(*text));
    place.origin = config::written_url(given.urls, given.written, i);
    if (!given.written.secrets.empty()) place.shown = base::shown(place.origin);
    place.secrets.insert(place.secrets.end(), given.written.secrets.begin(), given.written.secrets.end());
    source.text += " " + *text;
    source.shown += (source.shown.empty() ? "" : " ") + place.shown;
    source.places.push_back(std::move(place));
  }
  if (source.places.empty()) return upstream::Errc::nowhere;
  return Wanted{std::move(request), std::move(source)};
}

// Blocks that say the same are one.
void add(std::vector<Wanted>& all, Wanted wanted) {
  for (const Wanted& one : all) {
    if (one.source.text == wanted.source.text && one.request.key() == wanted.request.key()) return;
  }
  all.push_back(std::move(wanted));
}

void add_sources(const upstream::Schemes& schemes, const std::shared_ptr<const config::Vhost>& vhost,
                 std::vector<Wanted>& all) {
  for (const config::Source& given : vhost->sources) {
    if (!given.enabled || given.on_demand || !config::names_one_stream(given)) continue;
    const std::size_t slash = given.scope.rfind('/');
    hub::Request request = request_of(vhost, given.scope.substr(0, slash), given.scope.substr(slash + 1));
    if (auto wanted = wanted_of(schemes, given, std::move(request))) add(all, *std::move(wanted));
  }
}

// What comes to the ports of stream_caster by UDP or RIST.
void add_casters(const upstream::Schemes& schemes, const config::Config& config, std::vector<Wanted>& all) {
  using Kind = config::StreamCaster::Kind;
  for (const config::StreamCaster& caster : config.stream_casters) {
    const bool by_rist = caster.caster == Kind::rist;
    if (!caster.enabled || (!by_rist && caster.caster != Kind::mpegts_over_udp) || caster.listen.empty()) continue;
    const auto output = upstream::parse_rtmp_url(caster.output);
    if (!output || output->stream.empty()) continue;
    const auto vhost = config.match_vhost(output->vhost);
    if (!vhost || !vhost->enabled) continue;
    const config::Endpoint& port = caster.listen.front();
    Source source{
        .text = by_rist ? config::rist_url_of(caster) : "udp://" + base::format_host_port(port.address, port.port),
        .places = {},
        .shown = {}};
    auto place = schemes.place_of(source.text);
    if (!place) continue;
    source.shown = place->shown;
    source.places.push_back(*std::move(place));
    all.push_back({request_of(vhost, output->app, output->stream), std::move(source)});
  }
}

}  // namespace

Result<std::vector<Wanted>> on_demand_of(const upstream::Schemes& schemes,
                                         const std::shared_ptr<const config::Vhost>& vhost, const hub::Request& wanted,
                                         std::string way, const std::optional<std::string>& elsewhere) {
  TRY_VOID(proto::check_names(wanted.app, wanted.stream));
  std::vector<Wanted> all;
  base::ErrorCode fault;
  hub::Request request = request_of(vhost, wanted.app, wanted.stream);
  request.facts.set(upstream::on_demand_fact, "on");
  request.peer = wanted.peer;  // who causes what the log says of it; where it comes from replaces him
  for (const config::Source& given : vhost->sources) {
    if (!given.enabled || !given.on_demand || !config::applies(given, wanted.app, wanted.stream)) continue;
    auto one = wanted_of(schemes, given, request);
    if (one) {
      add(all, *std::move(one));
    } else if (!fault) {
      fault = one.error();
    }
  }
  if (all.empty() && !fault && vhost->cluster.remote) {
    TRY(Source source, source_of(schemes, vhost->cluster, wanted, way));
    all.push_back({std::move(request), std::move(source)});
  }
  if (all.empty() && !fault && !vhost->cluster.remote && elsewhere) {
    config::Cluster found;
    found.remote = true;
    found.origin = {*elsewhere};
    TRY(Source source, source_of(schemes, found, wanted, way));
    all.push_back({std::move(request), std::move(source)});
  }
  if (all.empty() && fault) return fault;
  for (Wanted& one : all) one.way = way;
  return all;
}

std::vector<Wanted> always_of(const upstream::Schemes& schemes, const config::Config& config) {
  std::vector<Wanted> all;
  for (const auto& vhost : config.vhosts) {
    if (vhost->enabled) add_sources(schemes, vhost, all);
    for (const config::Ingest& ingest : vhost->ingests) {
      if (!vhost->enabled || !ingest.enabled || !ingest.ffmpeg.empty()) continue;
      const std::string text = config::source_url_of(ingest);
      auto place = schemes.place_of(text);
      if (!place) continue;
      std::string app = "live", stream = ingest.id;
      if (!ingest.engines.empty() && !ingest.engines.front().output.empty()) {
        // Of the variables, those that may stand in the address: it is this server's, whatever they are.
        std::string address = base::replace_all(ingest.engines.front().output, "[port]", "1935");
        address = base::replace_all(address, "[vhost]", vhost->name);
        const auto output = upstream::parse_rtmp_url(address);
        if (!output || output->stream.empty()) continue;
        app = output->app;
        stream = output->stream;
      }
      Source source{.text = text, .places = {}, .shown = place->shown};
      source.places.push_back(*std::move(place));
      all.push_back({request_of(vhost, std::move(app), std::move(stream)), std::move(source)});
    }
  }
  add_casters(schemes, config, all);
  return all;
}

}  // namespace weir::session::pull
