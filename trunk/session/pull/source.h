#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "hub/request.h"
#include "session/common/upstream/fetcher.h"

namespace weir::session::pull {

// Where a stream is fetched from.
struct Source {
  std::string text;                     // as it is configured: what tells two apart
  std::vector<upstream::Place> places;  // asked in turn: the next one after each failure
  std::string shown;                    // what of it may be read in logs
};

// The origins of an edge, for what is wanted there. upstream::Errc::nowhere, bad_address, ...
// `way` as in common/upstream/way.h.
base::Result<Source> source_of(const upstream::Schemes& schemes, const config::Cluster& cluster,
                               const hub::Request& wanted, std::string_view way);

// What is fetched always: what an `ingest` without a program names as its output, or live/ID.
struct Always {
  hub::Request request;
  Source source;
};
// Ones that cannot be read are left out; weir -t tells of them.
std::vector<Always> always_of(const upstream::Schemes& schemes, const config::Config& config);

// Of a stream that is fetched, as it is called here.
hub::Request request_of(const std::shared_ptr<const config::Vhost>& vhost, std::string app, std::string stream);

}  // namespace weir::session::pull
