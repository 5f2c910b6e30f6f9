#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::cluster {

// Who publishes a stream, as the registry keeps it. A holder counts as long as the record of its node is there and is
// of the same process: what a dead node held is free.
struct Holder {
  std::string node;      // its name: "10.0.0.11:1935"
  std::string instance;  // of its process
  std::uint64_t epoch = 0;
  bool operator==(const Holder&) const = default;
};

// The one that has a stream when two say so: the higher epoch, and of equal ones the later name.
inline bool goes_before(const Holder& one, const Holder& other) {
  return one.epoch != other.epoch ? one.epoch > other.epoch : one.node > other.node;
}

// What a node asks of the registry. Each is done whole or not at all.
struct Ask {
  enum class Kind : std::uint8_t {
    keep_node,  // our record lives for another `ttl`
    drop_node,
    claim,    // by `epoch`, or with a new one where that is 0
    release,  // what is ours
    find,     // who holds it, and that node's record
    list,     // the records of all nodes
  };
  std::uint64_t id = 0;
  Kind kind{};
  std::string key{};     // of the stream
  std::string record{};  // of keep_node
  std::uint64_t epoch = 0;
  std::uint64_t newest = 0;  // the highest epoch that we know: a new one is above it
  bool takeover = false;     // a new claim wins over another node's
};

struct Answer {
  std::uint64_t id = 0;
  bool failed = false;  // the registry could not do it
  // keep_node: whose process had the record before; empty: nobody's.
  std::string before{};
  // claim: whether it is ours now, and whose it is, or was.
  bool won = false;
  std::uint64_t epoch = 0;
  std::optional<Holder> holder{};  // also of find
  std::string record{};            // find: of the holder
  std::vector<std::string> records{};
};

// What is told to whoever follows a stream: whose it is from now on; none: nobody's.
struct Announcement {
  std::string key;
  std::optional<Holder> holder;
};

}  // namespace weir::cluster
