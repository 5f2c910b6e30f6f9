#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/cluster.h"
#include "hub/request.h"
#include "proto/stream_url.h"

namespace weir::session::upstream {

// Another place for a stream.
struct Destination {
  std::string text;                    // as it is configured or a backend names it: what tells two apart
  std::vector<proto::StreamUrl> urls;  // asked in turn: the next one after each failure
  std::string shown;                   // for whoever reads logs: without parameters, and without a key that is a secret
  std::vector<std::string> secrets;    // what another server may repeat in its answers
};

// "host[:port]", "host[:port]/app" or "rtmp[s]://host[:port]/app[/stream][?query]"; what is not said is as it is here:
// the application, the stream, its parameters and, by ?vhost=, a virtual host that is not the default one.
// Errc::bad_address.
base::Result<Destination> destination_of(const std::string& text, const hub::Request& request);

// The origins of an edge, for what is published at the edge; none if it is none.
base::Result<Destination> origins_of(const config::Cluster& cluster, const hub::Request& request);

// `text` without the destination's secrets.
std::string without_secrets_of(const Destination& destination, std::string text);

}  // namespace weir::session::upstream
