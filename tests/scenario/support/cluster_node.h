#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "scenario/support/camera.h"

namespace weir::test {

// The configuration, at its root, of a server that finds others by a registry: `where` says which ("engine redis;
// address ...;"), `more` is what else its block says.
inline std::string node_of(const std::string& where, const std::string& more = "") {
  return "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; } registry { " + where +
         " advertise rtmp://127.0.0.1:{RTMP} http://127.0.0.1:{HTTP}; " +
         (more.find("ttl ") == std::string::npos ? "ttl 2; " : "") + more + " }";
}

// What a server says of its cluster; empty while there is no answer.
inline nlohmann::json cluster_of(const LiveServer& server) {
  const auto answer = nlohmann::json::parse(get(server.http_port(), "/api/v1/cluster").body, nullptr, false);
  return answer.is_object() && answer.contains("cluster") ? answer["cluster"] : nlohmann::json::object();
}
inline bool is_connected(const LiveServer& server) { return cluster_of(server).value("connected", false); }
// Whether it soon is connected and knows of so many servers.
inline bool sees(const LiveServer& server, std::size_t nodes) {
  return soon([&] {
    const auto cluster = cluster_of(server);
    return cluster.value("connected", false) && cluster["nodes"].size() == nodes;
  });
}

}  // namespace weir::test
