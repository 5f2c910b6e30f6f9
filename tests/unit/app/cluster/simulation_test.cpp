#include <algorithm>
#include <deque>
#include <memory>
#include <random>

#include "app/cluster/membership.h"
#include "support/catch.h"
#include "support/registry_store.h"

namespace weir::test::simulation_test {

// Many nodes and one registry, whose messages are late, whose connections break, whose clocks run apart, and which
// forgets everything now and then. When all is well again they agree, whatever happened before.

using namespace std::chrono_literals;
using cluster::Membership;
using test::RegistryStore;

namespace {

using Millis = std::chrono::milliseconds;

class Cluster {
 public:
  Cluster(std::uint32_t seed, std::size_t nodes, std::size_t streams) : random_(seed), streams_(streams) {
    for (std::size_t i = 0; i < nodes; ++i) {
      auto node = std::make_unique<Node>(
          Node{.name = "n" + std::to_string(i),
               .open = i % 3 != 0,
               .member = Membership({.node = "n" + std::to_string(i), .instance = "i", .open = i % 3 != 0},
                                    static_cast<std::uint32_t>(i + 1)),
               .clock = Millis(chance(7'200'000)),
               .rate = 0.99 + 0.0001 * chance(200)});
      node->member.describe("{}", node->now());
      nodes_.push_back(std::move(node));
    }
  }

  void run(Millis time, bool faults) {
    for (const Millis end = store_.now + time; store_.now < end; store_.now += step) {
      if (faults) break_something();
      for (auto& node : nodes_) live(*node, faults);
    }
  }
  // Everybody is connected, awake, and publishes no more.
  void heal() {
    for (auto& node : nodes_) {
      node->asleep_until = {};
      if (!node->connected) connect(*node);
    }
    run(40s, false);
  }
  // Of each stream the nodes that think they have it are the one that the registry names.
  void check() {
    for (std::size_t i = 0; i < streams_; ++i) {
      const std::string key = "s" + std::to_string(i);
      std::vector<std::string> holders;
      for (const auto& node : nodes_) {
        if (node->member.holds(key)) holders.push_back(node->name);
      }
      INFO(key);
      CHECK(holders.size() <= 1);
      const auto kept = store_.holder_of(key);
      CHECK(kept.has_value() == (holders.size() == 1));
      if (kept && holders.size() == 1) CHECK(kept->node == holders.front());
    }
  }
  std::size_t granted = 0, denied = 0, evicted = 0;

 private:
  static constexpr Millis step{250};
  struct Node {
    std::string name;
    bool open;
    Membership member;
    Millis clock;  // its own, which began somewhere and runs too fast or too slow
    double rate;
    bool connected = false;
    Millis asleep_until{}, back_at{};
    std::map<std::string, std::uint64_t> publishes{};  // and by which epoch
    std::deque<std::pair<Millis, cluster::Answer>> answers{};
    std::deque<std::pair<Millis, cluster::Announcement>> said{};
    base::Instant now() const { return base::Instant(1h + clock); }
  };

  std::uint32_t chance(std::uint32_t below) { return static_cast<std::uint32_t>(random_()) % below; }

  void break_something() {
    Node& node = *nodes_[chance(static_cast<std::uint32_t>(nodes_.size()))];
    const auto dice = chance(1000);
    if (dice < 20) disconnect(node, Millis(chance(30'000)));
    if (dice >= 20 && dice < 30) node.asleep_until = store_.now + Millis(chance(40'000));
    if (dice == 30) store_.flush();
    if (dice == 31) {  // the registry is gone for all
      for (auto& one : nodes_) disconnect(*one, Millis(5'000 + chance(10'000)));
    }
  }
  void disconnect(Node& node, Millis time) {
    node.back_at = store_.now + time;
    if (!std::exchange(node.connected, false)) return;
    node.answers.clear();
    node.said.clear();
    node.member.lost(node.now());
  }
  void connect(Node& node) {
    node.connected = true;
    node.member.connected(node.now());
  }

  void live(Node& node, bool faults) {
    node.clock += Millis(static_cast<std::int64_t>(static_cast<double>(step.count()) * node.rate));
    if (store_.now < node.asleep_until) return;
    if (!node.connected && store_.now >= node.back_at) connect(node);
    node.member.tick(node.now());
    if (faults && chance(20) == 0) publish_or_leave(node);
    ask(node);
    hear(node);
    take_events(node);
  }
  void publish_or_leave(Node& node) {
    const std::string key = "s" + std::to_string(chance(static_cast<std::uint32_t>(streams_)));
    const auto own = node.publishes.find(key);
    if (own == node.publishes.end()) {
      node.publishes[key] = 0;
      node.member.claim(key, node.now());
    } else if (own->second != 0) {
      node.member.release(key, own->second);
      node.publishes.erase(own);
    }
  }
  void ask(Node& node) {
    while (auto question = node.member.poll_ask()) {
      if (!node.connected) continue;
      RegistryStore::Said said;
      auto answer = store_.answer(node.name, "i", *question, said);
      node.answers.emplace_back(store_.now + Millis(chance(500)), std::move(answer));
      for (auto& announcement : said) {
        for (auto& other : nodes_) {
          // Nobody promises that an announcement comes.
          if (other->connected && chance(4) != 0)
            other->said.emplace_back(store_.now + Millis(chance(500)), announcement);
        }
      }
    }
  }
  void hear(Node& node) {
    while (!node.answers.empty() && node.answers.front().first <= store_.now) {
      node.member.hear(node.answers.front().second, node.now());
      node.answers.pop_front();
    }
    while (!node.said.empty() && node.said.front().first <= store_.now) {
      node.member.hear(node.said.front().second, node.now());
      node.said.pop_front();
    }
  }
  void take_events(Node& node) {
    while (auto event = node.member.poll_event()) {
      if (const auto* one = std::get_if<Membership::Granted>(&*event)) {
        ++granted;
        REQUIRE(node.publishes.contains(one->key));
        CHECK(one->epoch != 0);
        node.publishes[one->key] = one->epoch;
      } else if (const auto* no = std::get_if<Membership::Denied>(&*event)) {
        ++denied;
        CHECK((no->holder || !node.open));
        node.publishes.erase(no->key);
      } else if (const auto* out = std::get_if<Membership::Evicted>(&*event)) {
        ++evicted;
        node.publishes.erase(out->key);
      }
    }
  }

  std::mt19937 random_;
  std::size_t streams_;
  RegistryStore store_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace

TEST_CASE("nodes agree on who has which stream, whatever went wrong before", "[cluster][simulation]") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U);
  INFO("seed " << seed);
  Cluster cluster(seed, 40, 25);
  for (int round = 0; round < 3; ++round) {
    cluster.run(5min, true);
    cluster.heal();
    cluster.check();
  }
  CHECK(cluster.granted > 100);
  CHECK(cluster.denied > 100);
  CHECK(cluster.evicted > 0);
}

TEST_CASE("a thousand nodes agree as well", "[cluster][simulation]") {
  Cluster cluster(11, 1000, 300);
  cluster.run(1min, true);
  cluster.heal();
  cluster.check();
  CHECK(cluster.granted > 100);
}

}  // namespace weir::test::simulation_test
