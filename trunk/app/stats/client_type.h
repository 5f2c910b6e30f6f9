#pragma once

#include <string>

#include "session/common/protocol.h"

namespace weir::stats {

// A session's type as the API calls it: "rtmp-play", "flv-play", "fmle-publish" (publishers of RTMP go by their
// dialect), "rtmp" for a connection that does neither yet.
inline std::string type_of(const hub::Request& request) {
  const session::Protocol& protocol = session::protocol_of(request);
  if (request.role == hub::Role::connect) return std::string(protocol.name);
  if (request.role == hub::Role::play) return std::string(protocol.name) + "-play";
  const bool dialects = protocol.id == session::protocols::rtmp.id;
  const std::string_view dialect = dialects ? request.facts.find(session::facts::encoder) : std::string_view();
  if (dialects) return std::string(dialect.empty() ? "fmle" : dialect) + "-publish";
  return std::string(protocol.name) + "-publish";
}

}  // namespace weir::stats
