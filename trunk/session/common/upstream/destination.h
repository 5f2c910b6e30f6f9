#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "config/cluster.h"
#include "config/rist_url.h"
#include "config/srt_url.h"
#include "config/udp_target.h"
#include "hub/request.h"
#include "net/http/url.h"
#include "proto/stream_url.h"

namespace weir::session::upstream {

// Where a stream is sent by HTTP.
struct HttpTarget {
  http::Url url;
  std::string authorization{};  // empty: none
};
// Of RTMP, of SRT, of UDP, of RIST, or of HTTP.
using Url = std::variant<proto::StreamUrl, config::SrtUrl, config::UdpTarget, config::RistUrl, HttpTarget>;

// Another place for a stream.
struct Destination {
  std::string text;                  // as it is configured or a backend names it: what tells two apart
  std::vector<Url> urls;             // asked in turn: the next one after each failure
  std::string shown;                 // for whoever reads logs: without parameters, and without a key that is a secret
  std::vector<std::string> secrets;  // what another server may repeat in its answers
  std::vector<std::string> names{};  // of the URLs of origins, as they are configured: what their health is kept by
};

// "srt://host:port?...", see srt.h; "udp://host:port?..." and "rtp://...", see config/udp_target.h;
// "rist://host:port?...", see config/rist_url.h; "http[s]://[user:password@]host[:port]/path", in which [vhost], [app]
// and [stream] are filled in; "host[:port]", "host[:port]/app" or "rtmp[s]://host[:port]/app[/stream][?query]"; what is
// not said is as it is here: the application, the stream, its parameters and, by ?vhost=, a virtual host that is not
// the default one. Errc::bad_address, bad_srt_url, bad_udp_url, bad_rist_url, no_stream_id. `way` is the servers that
// the stream will have come through (way.h).
base::Result<Destination> destination_of(const std::string& text, const hub::Request& request,
                                         std::string_view way = {});

// The origins of an edge; Errc::nowhere if it has none. Those that are called by SRT are asked to `mode` the stream:
// "request" or "publish".
base::Result<Destination> origins_of(const config::Cluster& cluster, const hub::Request& request, std::string_view mode,
                                     std::string_view way = {});

// `text` without the destination's secrets.
std::string without_secrets_of(const Destination& destination, std::string text);

}  // namespace weir::session::upstream
