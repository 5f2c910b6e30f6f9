#pragma once

#include <string_view>

#include "session/common/protocol.h"

namespace weir::test {

// Makes the request one of a session that the API calls "rtmp-play", "fmle-publish", ...
inline void set_type(hub::Request& request, std::string_view type) {
  const std::size_t dash = type.find('-');
  const std::string_view name = type.substr(0, dash), role = dash == type.npos ? "" : type.substr(dash + 1);
  request.role = role == "publish" ? hub::Role::publish : role == "play" ? hub::Role::play : hub::Role::connect;
  for (const session::Protocol& protocol : session::protocols::all) {
    if (protocol.name == name) request.protocol = protocol.id;
  }
  if (name != "fmle" && name != "flash" && name != "haivision") return;
  request.protocol = session::protocols::rtmp.id;
  request.facts.set(session::facts::encoder, std::string(name));
}

}  // namespace weir::test
