#include "session/pull/source.h"

#include "base/text.h"
#include "base/url.h"
#include "session/common/protocol.h"
#include "session/common/upstream/destination.h"
#include "session/common/upstream/rtmp_link.h"
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

Result<Source> source_of(const upstream::Schemes& schemes, const config::Cluster& cluster, const hub::Request& wanted) {
  TRY(upstream::Destination origins, upstream::origins_of(cluster, wanted, "request"));
  Source source{.text = std::move(origins.text), .places = {}, .shown = std::move(origins.shown)};
  for (upstream::Url& url : origins.urls) {
    if (const auto* srt = std::get_if<config::SrtUrl>(&url)) {
      TRY(upstream::Place place, schemes.place_of(config::to_text(*srt)));
      source.places.push_back(std::move(place));
    } else {
      source.places.push_back({make_rtmp_fetcher(std::get<proto::StreamUrl>(std::move(url))), {}, origins.secrets});
    }
  }
  return source;
}

namespace {

// What comes to the UDP ports of stream_caster.
void add_casters(const upstream::Schemes& schemes, const config::Config& config, std::vector<Always>& all) {
  using Kind = config::StreamCaster::Kind;
  for (const config::StreamCaster& caster : config.stream_casters) {
    if (!caster.enabled || caster.caster != Kind::mpegts_over_udp || caster.listen.empty()) continue;
    const auto output = upstream::parse_rtmp_url(caster.output);
    if (!output || output->stream.empty()) continue;
    const auto vhost = config.match_vhost(output->vhost);
    if (!vhost || !vhost->enabled) continue;
    const config::Endpoint& port = caster.listen.front();
    Source source{.text = "udp://" + base::format_host_port(port.address, port.port), .places = {}, .shown = {}};
    auto place = schemes.place_of(source.text);
    if (!place) continue;
    source.shown = place->shown;
    source.places.push_back(*std::move(place));
    all.push_back({request_of(vhost, output->app, output->stream), std::move(source)});
  }
}

}  // namespace

std::vector<Always> always_of(const upstream::Schemes& schemes, const config::Config& config) {
  std::vector<Always> all;
  for (const auto& vhost : config.vhosts) {
    for (const config::Ingest& ingest : vhost->ingests) {
      if (!vhost->enabled || !ingest.enabled || !ingest.ffmpeg.empty()) continue;
      auto place = schemes.place_of(ingest.input_url);
      if (!place) continue;
      std::string app = "live", stream = ingest.id;
      if (!ingest.engines.empty() && !ingest.engines.front().output.empty()) {
        // Of the variables, those that may stand in the address: it is this server's, whatever they are.
        std::string text = base::replace_all(ingest.engines.front().output, "[port]", "1935");
        text = base::replace_all(text, "[vhost]", vhost->name);
        const auto output = upstream::parse_rtmp_url(text);
        if (!output || output->stream.empty()) continue;
        app = output->app;
        stream = output->stream;
      }
      Source source{.text = ingest.input_url, .places = {}, .shown = place->shown};
      source.places.push_back(*std::move(place));
      all.push_back({request_of(vhost, std::move(app), std::move(stream)), std::move(source)});
    }
  }
  add_casters(schemes, config, all);
  return all;
}

}  // namespace weir::session::pull
