#pragma once

#include <string>
#include <vector>

namespace weir::config {

struct Cluster {
  enum class Protocol { rtmp, flv, flvs };
  bool remote = false;  // mode remote: an edge
  std::vector<std::string> origin;
  bool token_traverse = false;
  std::string vhost = "[vhost]";
  bool debug_srs_upnode = true;
  bool origin_cluster = false;
  std::vector<std::string> coworkers;
  Protocol protocol = Protocol::rtmp;
  bool follow_client = false;
  bool operator==(const Cluster&) const = default;
};

struct Forward {
  bool enabled = false;
  std::vector<std::string> destination;
  std::string backend;
  bool operator==(const Forward&) const = default;
};

}  // namespace weir::config
