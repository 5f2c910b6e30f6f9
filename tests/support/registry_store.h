#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/cluster/store.h"

namespace weir::test {

// What the scripts of app/cluster/redis_words.cpp do in Redis, in a map with a clock of its own.
class RegistryStore {
 public:
  using Millis = std::chrono::milliseconds;
  using Said = std::vector<cluster::Announcement>;

  Millis now{};
  Millis node_ttl{10'000}, stream_ttl{60'000};

  cluster::Answer answer(const std::string& node, const std::string& instance, const cluster::Ask& ask, Said& said) {
    using Kind = cluster::Ask::Kind;
    cluster::Answer out{.id = ask.id};
    switch (ask.kind) {
      case Kind::keep_node:
        out.before = alive(node) ? nodes_[node].instance : "";
        nodes_[node] = {instance, ask.record, now + node_ttl};
        break;
      case Kind::drop_node:
        if (alive(node) && nodes_[node].instance == instance) nodes_.erase(node);
        break;
      case Kind::claim:
        claim(node, instance, ask, out, said);
        break;
      case Kind::release:
        if (const auto held = held_at(ask.key); held && held->node == node && held->instance == instance) {
          streams_.erase(ask.key);
          said.push_back({ask.key, std::nullopt});
        }
        break;
      case Kind::find:
        out.holder = holder_of(ask.key);
        if (out.holder) out.record = nodes_[out.holder->node].record;
        break;
      case Kind::list:
        for (const auto& [name, one] : nodes_) {
          if (alive(name)) out.records.push_back(one.record);
        }
        break;
    }
    return out;
  }

  // Whose it is; none if nobody's, or a dead node's.
  std::optional<cluster::Holder> holder_of(const std::string& key) const {
    const auto held = held_at(key);
    if (!held || !alive(held->node) || nodes_.at(held->node).instance != held->instance) return std::nullopt;
    return held;
  }
  void flush() {
    nodes_.clear();
    streams_.clear();
    given_ = 0;
  }

 private:
  struct Node {
    std::string instance, record;
    Millis until{};
  };
  struct Stream {
    cluster::Holder holder;
    Millis until{};
  };
  bool alive(const std::string& node) const {
    const auto found = nodes_.find(node);
    return found != nodes_.end() && now < found->second.until;
  }
  std::optional<cluster::Holder> held_at(const std::string& key) const {
    const auto found = streams_.find(key);
    if (found == streams_.end() || now >= found->second.until) return std::nullopt;
    return found->second.holder;
  }
  void claim(const std::string& node, const std::string& instance, const cluster::Ask& ask, cluster::Answer& out,
             Said& said) {
    const auto held = held_at(ask.key);
    std::uint64_t newest = std::max(ask.newest, given_), mine = ask.epoch;
    if (held) {
      newest = std::max(newest, held->epoch);
      if (holder_of(ask.key) && !(held->node == node && held->instance == instance)) {
        const cluster::Holder us{node, instance, mine};
        if (mine == 0 ? !ask.takeover : cluster::goes_before(*held, us)) {
          out.holder = held;
          out.epoch = held->epoch;
          return;
        }
      }
    }
    if (mine == 0) mine = newest + 1;
    given_ = std::max(newest, mine);
    out.won = true;
    out.epoch = mine;
    out.holder = cluster::Holder{node, instance, mine};
    if (held != out.holder) said.push_back({ask.key, out.holder});
    streams_[ask.key] = {*out.holder, now + stream_ttl};
  }

  std::map<std::string, Node> nodes_;
  std::map<std::string, Stream> streams_;
  std::uint64_t given_ = 0;
};

}  // namespace weir::test
