#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "hub/request.h"
#include "session/common/upstream/fetcher.h"

namespace weir::session::pull {

// Where a stream is fetched from.
struct Source {
  std::string text;                            // as it is configured: what tells two apart
  std::vector<upstream::Place> places;         // asked in turn: the next one after each failure
  std::string shown;                           // what of it may be read in logs
  std::string name{};                          // of a `source` block: what the API calls it
  int priority = 0;                            // among the inputs of its stream
  bool cold = false;                           // fetched while nothing better is alive
  bool warm = false;                           // fetched, and no pictures are kept while something better is alive
  std::chrono::milliseconds restart_every{0};  // 0: never
  bool by_api = false;                         // it was added there
  bool public_only = false;                    // see upstream::Trust
};

// A stream that is to be fetched, as it is called here, and from where. A stream may have several.
struct Wanted {
  hub::Request request;
  Source source;
  std::string way{};  // the servers that the request came through, with this one
};

// The origins of an edge, for what is wanted there. upstream::Errc::nowhere, bad_address, ...
// `way` as in common/upstream/way.h.
base::Result<Source> source_of(const upstream::Schemes& schemes, const config::Cluster& cluster,
                               const hub::Request& wanted, std::string_view way);

// What is fetched always: what a `source` names; what an `ingest` without a program names as its output, or live/ID.
// Ones that cannot be read are left out; weir -t tells of them.
std::vector<Wanted> always_of(const upstream::Schemes& schemes, const config::Config& config);

// How a stream may be had that somebody wants in this virtual host: by the `source` blocks on demand that name it, or
// from the origins if that is an edge, or by RTMP from `elsewhere`, "host:port". Empty: not at all. An error if none
// can be tried: what is wrong with the first.
base::Result<std::vector<Wanted>> on_demand_of(const upstream::Schemes& schemes,
                                               const std::shared_ptr<const config::Vhost>& vhost,
                                               const hub::Request& wanted, std::string way,
                                               const std::optional<std::string>& elsewhere = std::nullopt);

// Of a stream that is fetched, as it is called here.
hub::Request request_of(const std::shared_ptr<const config::Vhost>& vhost, std::string app, std::string stream);

}  // namespace weir::session::pull
