#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "format/amf0/value.h"

namespace weir::session::upstream {

// The servers of this kind that a stream came through, in the arguments of connect: "a1b2c3d4,e5f6a7b8". Other servers
// do not look at it, or hand it to nobody. A stream that finds its own server in it runs in a circle.
inline constexpr const char* way_argument = "weir_way";
inline constexpr std::string_view way_header = "Weir-Way";       // the same in requests of HTTP
inline constexpr std::size_t longest_way = 256;                  // in characters: it is too long for any stream by then
inline constexpr std::string_view way_fact = "way";              // of a hub::Request
inline constexpr std::string_view on_demand_fact = "on_demand";  // of one that is fetched while somebody plays it
inline constexpr std::string_view has_others_fact = "has_others";  // of one that several origins are asked for in turn
inline constexpr std::size_t most_servers = 4;                     // a longer one is taken for a circle

// False: it would come back, or has been on its way for too long.
inline bool may_go_on(std::string_view way, std::string_view self) {
  if (way.empty()) return true;
  const auto servers = base::split(way, ',');
  if (servers.size() >= most_servers) return false;
  for (const std::string_view server : servers) {
    if (server == self) return false;
  }
  return true;
}

inline std::string way_through(std::string_view way, std::string_view self) {
  std::string out(way);
  if (!out.empty()) out += ',';
  return out.append(self);
}

// For rtmp::ClientOptions::args.
inline amf0::Value arguments_of(std::string_view way) {
  amf0::Value arguments = amf0::Value::object();
  arguments.set(way_argument, way);
  return arguments;
}

}  // namespace weir::session::upstream
