// Servers of a cluster and what their registry costs: nodes that each hold streams and look for others' at random.
//
//   registry-nodes --redis 127.0.0.1:6379 --pid PID [--nodes 100] [--streams 500] [--seconds 30] [--finds 200]
//   registry-nodes --etcd 127.0.0.1:2379 --pid PID ...
//
// All nodes are in this process, on one worker, each with a connection and rules of its own (app/cluster/membership).
// They claim their streams first; then, for SECONDS, they report and assert as servers do, and FINDS streams a second
// are looked for, by a random node, one that no cache knows. Printed are what finds took from question to answer, the
// CPU time of PID (the registry), and of this program: if that is near a core, the figures say nothing.

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "app/cluster/membership.h"
#include "app/registry/engine.h"
#include "base/random.h"
#include "net/worker_pool.h"

using namespace weir;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using cluster::Membership;

namespace {

// User and system time of a process, in seconds.
double cpu_of(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(std::min(line.rfind(')') + 1, line.size())));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

class Node {
 public:
  Node(const config::Registry& settings, std::string name, std::uint32_t seed)
      : rules_({.node = name, .instance = "bench", .ttl = settings.ttl, .refresh = settings.ttl * 3 / 10}, seed) {
    rules_.describe("{\"name\":\"" + name + "\",\"host\":\"10.0.0.1\",\"rtmp\":1935,\"http\":8080}", Clock::now());
    engine_ = registry::make_engine(
        {.settings = settings, .node = name, .instance = "bench", .stream_ttl = rules_.stream_ttl(), .seed = seed},
        {.up =
             [this] {
               up = true;
               rules_.connected(Clock::now());
               pump();
             },
         .down =
             [this](const std::string& why) {
               std::fprintf(stderr, "a node lost the registry: %s\n", why.c_str());
               ++lost;
               rules_.lost(Clock::now());
               pump();
             },
         .answer =
             [this](const cluster::Answer& answer, const std::string&) {
               failed += answer.failed;
               rules_.hear(answer, Clock::now());
               pump();
             },
         .announcement =
             [this](const cluster::Announcement& said) {
               rules_.hear(said, Clock::now());
               pump();
             }});
  }

  registry::Engine& engine() { return *engine_; }
  void claim(const std::string& key) {
    rules_.claim(key, Clock::now());
    pump();
  }
  void find(const std::string& key) {
    asked_[key] = Clock::now();
    rules_.find(key, Clock::now());
    pump();
  }
  void report() {
    rules_.describe("{\"name\":\"n\",\"host\":\"10.0.0.1\",\"rtmp\":1935,\"http\":8080}", Clock::now());
    rules_.list();
    pump();
  }
  void tick() {
    engine_->tick();
    rules_.tick(Clock::now());
    pump();
  }

  bool up = false;
  std::size_t granted = 0, failed = 0, lost = 0, missed = 0;
  std::vector<double> took_ms;

 private:
  void pump() {
    while (auto ask = rules_.poll_ask()) {
      if (engine_->is_up()) engine_->ask(*ask);
    }
    while (auto event = rules_.poll_event()) {
      if (std::holds_alternative<Membership::Granted>(*event)) ++granted;
      if (const auto* follow = std::get_if<Membership::Follow>(&*event); follow && engine_->is_up()) {
        engine_->follow(follow->key, follow->on);
      }
      const auto* found = std::get_if<Membership::Found>(&*event);
      if (!found) continue;
      const auto asked = asked_.find(found->key);
      if (asked == asked_.end()) continue;
      took_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - asked->second).count());
      missed += !found->holder;
      asked_.erase(asked);
    }
  }

  Membership rules_;
  std::unique_ptr<registry::Engine> engine_;
  std::map<std::string, Clock::time_point> asked_;
};

// Runs on the worker, and waits for it.
template <class F>
void on(net::Worker& worker, F work) {
  std::atomic<bool> done = false;
  worker.post([&] {
    work();
    done = true;
    done.notify_one();
  });
  done.wait(false);
}

double part(std::vector<double>& sorted, double which) {
  return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(which * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

int main(int count, char** words) {
  std::map<std::string, std::string> said{
      {"--nodes", "100"}, {"--streams", "500"}, {"--seconds", "30"}, {"--finds", "200"}};
  for (int i = 1; i + 1 < count; i += 2) said[words[i]] = words[i + 1];
  const bool etcd = said.contains("--etcd");
  if ((!etcd && !said.contains("--redis")) || !said.contains("--pid")) {
    std::fprintf(stderr,
                 "registry-nodes --redis|--etcd HOST:PORT --pid PID [--nodes 100] [--streams 500] [--seconds 30] "
                 "[--finds 200]\n");
    return 2;
  }
  const auto node_count = std::strtoul(said["--nodes"].c_str(), nullptr, 10);
  const auto stream_count = std::strtoul(said["--streams"].c_str(), nullptr, 10);
  const auto seconds = std::strtod(said["--seconds"].c_str(), nullptr);
  const auto finds = std::max(1UL, std::strtoul(said["--finds"].c_str(), nullptr, 10));
  config::Registry settings;
  settings.engine = etcd ? config::Registry::Engine::etcd : config::Registry::Engine::redis;
  settings.address = said[etcd ? "--etcd" : "--redis"];
  settings.prefix = "bench-" + base::random_text(6);

  const auto logger = log::Logger::make_silent();
  net::WorkerPool pool(1, logger.get());
  pool.start();
  net::Worker& worker = pool[0];
  std::vector<std::unique_ptr<Node>> nodes;
  on(worker, [&] {
    for (std::size_t i = 0; i < node_count; ++i) {
      nodes.push_back(std::make_unique<Node>(settings, "n" + std::to_string(i), static_cast<std::uint32_t>(i + 1)));
      worker.spawn("node", [node = nodes.back().get()](net::Life& life) { return node->engine().run(life); });
    }
    worker.every_tick([&] {
      for (const auto& node : nodes) node->tick();
    });
  });
  const auto all = [&](auto what) {
    std::size_t sum = 0;
    on(worker, [&] {
      for (const auto& node : nodes) sum += what(*node);
    });
    return sum;
  };
  while (all([](Node& node) { return std::size_t{node.up}; }) < node_count) std::this_thread::sleep_for(50ms);
  const auto began = Clock::now();
  on(worker, [&] {
    for (std::size_t i = 0; i < node_count; ++i) {
      for (std::size_t s = 0; s < stream_count; ++s) {
        nodes[i]->claim("v/live/n" + std::to_string(i) + "-" + std::to_string(s));
      }
    }
  });
  const std::size_t wanted = node_count * stream_count;
  while (all([](Node& node) { return node.granted; }) < wanted) std::this_thread::sleep_for(50ms);
  std::printf("%zu streams claimed in %.1f s\n", wanted, std::chrono::duration<double>(Clock::now() - began).count());

  const double registry_before = cpu_of(said["--pid"]), own_before = cpu_of("self");
  std::mt19937 random(7);
  const auto start = Clock::now();
  auto next = start, next_report = start;
  while (Clock::now() - start < std::chrono::duration<double>(seconds)) {
    const auto i = random() % node_count, of = random() % node_count, s = random() % stream_count;
    const bool reports = Clock::now() >= next_report;
    on(worker, [&] {
      if (i != of) nodes[i]->find("v/live/n" + std::to_string(of) + "-" + std::to_string(s));
      if (reports) nodes[random() % node_count]->report();
    });
    if (reports) next_report += std::chrono::duration_cast<Clock::duration>(settings.ttl * 3 / 10 / node_count);
    next += std::chrono::microseconds(1'000'000 / finds);
    std::this_thread::sleep_until(next);
  }
  const double took = std::chrono::duration<double>(Clock::now() - start).count();
  const double registry_cpu = cpu_of(said["--pid"]) - registry_before, own_cpu = cpu_of("self") - own_before;
  std::vector<double> ms;
  std::size_t lost = 0, failed = 0, missed = 0;
  on(worker, [&] {
    for (const auto& node : nodes) {
      ms.insert(ms.end(), node->took_ms.begin(), node->took_ms.end());
      lost += node->lost;
      failed += node->failed;
      missed += node->missed;
    }
  });
  std::sort(ms.begin(), ms.end());
  std::printf("%zu nodes, %zu streams, %.0f s of %s: %zu finds, p50 %.2f ms, p99 %.2f ms, most %.2f ms\n", node_count,
              wanted, took, etcd ? "etcd" : "Redis", ms.size(), part(ms, 0.5), part(ms, 0.99), part(ms, 1));
  std::printf(
      "registry %.1f %% of a core, this program %.1f %%; connections lost %zu, answers failed %zu, not found %zu\n",
      100 * registry_cpu / took, 100 * own_cpu / took, lost, failed, missed);
  on(worker, [&] { worker.stop_sessions(net::Errc::stopped, false); });
  // What they leave touches the nodes.
  for (std::size_t left = 1; left > 0;) on(worker, [&] { left = worker.session_count(); });
  pool.stop();
  return lost == 0 && failed == 0 && missed == 0 ? 0 : 1;
}
