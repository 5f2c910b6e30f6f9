#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "app/cluster/answer.h"

namespace weir::cluster {

// A server of a cluster, as it says itself, and how much it has to do.
struct Node {
  std::string name;                          // what tells it from the others: "10.0.0.11:1935"
  std::string instance;                      // of its process
  Origin at;                                 // where players and other nodes reach it
  std::uint16_t srt_port = 0, api_port = 0;  // 0: none
  std::string region;
  bool draining = false;       // new viewers go elsewhere
  std::uint64_t report = 0;    // which of its reports this is
  double cpu = 0, memory = 0;  // 0..1
  double sent_mbps = 0, capacity_mbps = 1000;
  std::uint64_t streams = 0, clients = 0;
  bool operator==(const Node&) const = default;
};

std::string to_json(const Node& node);
// AnswerErrc::not_json, bad_origin. What is missing is as above; whoever writes it decides where players go.
base::Result<Node> parse_node(std::string_view json);
// The answer of a node to GET /api/v1/balance?self=on: {"code":0,"node":{..}}.
base::Result<Node> parse_own_node(std::string_view json);

}  // namespace weir::cluster
