#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/cluster/node.h"

namespace weir::cluster {

// Which node a viewer had better go to. Each node has a score of what it says of itself: 500 for an idle CPU, 500 for
// free memory, 1000 for bandwidth that it does not use, 1000 for the viewer's region, 50 where the stream is there
// already. Between two reports of a node each viewer that was sent there counts as so much bandwidth, so that they do
// not all go to the one that was best a moment ago. No clock.
class Balance {
 public:
  static constexpr double of_cpu = 500, of_memory = 500, of_bandwidth = 1000, of_region = 1000, of_stream = 50;
  static constexpr double usual_viewer_mbps = 2;

  struct Wish {
    std::string region;      // of the viewer; empty: none in particular
    std::string has_stream;  // the name of the node that has it; empty: none
    std::string without;     // not this node
    double viewer_mbps = usual_viewer_mbps;
  };

  // What the nodes say now; those that are not named are gone.
  void report(std::vector<Node> nodes);
  // The best one, which counts as having that viewer; null: there is none. Draining nodes are none, and full ones only
  // where all are full. Of equal ones it is the one with the fewest viewers of ours, then the first by name.
  const Node* choose(const Wish& wish);
  // By name, with their scores.
  struct Scored {
    const Node* node;
    double score;
    double assumed_mbps;
  };
  std::vector<Scored> all(const Wish& wish) const;

 private:
  struct Entry {
    Node node;
    double assumed_mbps = 0;
  };
  static double score(const Entry& entry, const Wish& wish);
  static bool is_full(const Entry& entry);
  std::map<std::string, Entry> nodes_;
};

}  // namespace weir::cluster
