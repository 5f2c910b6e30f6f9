#include "app/cluster/balance.h"

#include <algorithm>
#include <tuple>

namespace weir::cluster {

void Balance::report(std::vector<Node> nodes) {
  std::map<std::string, Entry> now;
  for (Node& node : nodes) {
    const auto before = nodes_.find(node.name);
    const bool same = before != nodes_.end() && before->second.node.report == node.report &&
                      before->second.node.instance == node.instance;
    Entry entry{std::move(node), same ? before->second.assumed_mbps : 0};
    const std::string name = entry.node.name;
    now.insert_or_assign(name, std::move(entry));
  }
  nodes_ = std::move(now);
}

double Balance::score(const Entry& entry, const Wish& wish) {
  const Node& node = entry.node;
  const double used = std::min(1.0, (node.sent_mbps + entry.assumed_mbps) / std::max(1.0, node.capacity_mbps));
  double score = of_cpu * (1 - node.cpu) + of_memory * (1 - node.memory) + of_bandwidth * (1 - used);
  if (!wish.region.empty() && node.region == wish.region) score += of_region;
  if (!wish.has_stream.empty() && node.name == wish.has_stream) score += of_stream;
  return score;
}

bool Balance::is_full(const Entry& entry) {
  return entry.node.sent_mbps + entry.assumed_mbps >= entry.node.capacity_mbps;
}

const Node* Balance::choose(const Wish& wish) {
  Entry* best = nullptr;
  const auto rank = [&](const Entry& entry) {
    return std::make_tuple(!is_full(entry), score(entry, wish), -entry.assumed_mbps);
  };
  for (auto& [name, entry] : nodes_) {
    if (entry.node.draining || name == wish.without) continue;
    if (!best || rank(entry) > rank(*best)) best = &entry;
  }
  if (!best) return nullptr;
  best->assumed_mbps += wish.viewer_mbps;
  return &best->node;
}

std::vector<Balance::Scored> Balance::all(const Wish& wish) const {
  std::vector<Scored> out;
  for (const auto& [name, entry] : nodes_) out.push_back({&entry.node, score(entry, wish), entry.assumed_mbps});
  return out;
}

}  // namespace weir::cluster
