#include "app/registry/registry.h"

#include <algorithm>

#include "app/registry/door.h"
#include "app/registry/key.h"
#include "app/registry/report.h"
#include "base/random.h"
#include "base/scope_exit.h"
#include "base/url.h"
#include "net/worker.h"

namespace weir::registry {

using base::Instant;
using cluster::Ask;
using cluster::Holder;
using cluster::Node;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t instance_length = 8;

std::uint32_t seed() {
  std::uint32_t number = 0;
  base::fill_random({reinterpret_cast<std::uint8_t*>(&number), sizeof number});
  return number;
}

// Three reports for the life of a record: one may be lost.
std::chrono::milliseconds refresh_of(const config::Registry& settings) { return settings.ttl * 3 / 10; }

cluster::Membership::Rules rules_of(const config::Registry& settings, const Node& self) {
  return {.node = self.name,
          .instance = self.instance,
          .ttl = settings.ttl,
          .refresh = refresh_of(settings),
          .open = settings.when_gone == config::Registry::WhenGone::open,
          .takeover = settings.takeover};
}

}  // namespace

Registry::Registry(Given given, const config::Config& config)
    : given_(std::move(given)),
      settings_(config.registry),
      self_(own_node(config, given_.address, base::random_text(instance_length))),
      rules_(rules_of(settings_, self_), seed()),
      engine_(make_engine(
          {.settings = settings_,
           .node = self_.name,
           .instance = self_.instance,
           .stream_ttl = rules_.stream_ttl(),
           .seed = seed()},
          {.up = [this] { up(); },
           .down = [this](const std::string& why) { down(why); },
           .answer = [this](const cluster::Answer& answer, const std::string& fault) { hear(answer, fault); },
           .announcement =
               [this](const cluster::Announcement& said) {
                 rules_.hear(said, Clock::now());
                 pump();
               }})) {
  worker().every_tick([this] { tick(); });
}

Registry::~Registry() = default;

bool Registry::start(std::string& reason) {
  if (settings_.tls) {
    auto made = net::TlsContext::make_client(
        settings_.tls_verify ? net::TlsContext::Verify::peer : net::TlsContext::Verify::off, settings_.ca_file, reason);
    if (!made) return false;
    tls_ = std::move(*made);
    engine_->speak_tls(*tls_);
  }
  worker().post([this] {
    started_ = true;
    rules_.describe(to_json(self_), Clock::now());  // before the first claim: what a node has that is unknown is free
    worker().spawn("registry", [this](net::Life& life) { return engine_->run(life); });
  });
  return true;
}

void Registry::leave() {
  started_ = false;
  rules_.leave();
  pump();
}

void Registry::claim(const std::string& key, std::function<void(Claimed)> then) {
  claiming_[key].push_back(std::move(then));
  rules_.claim(key, Clock::now());
  pump();
}

void Registry::release(const std::string& key, std::uint64_t epoch) {
  rules_.release(key, epoch);
  if (!rules_.holds(key) && claims_.erase(key) > 0) tell_lost(key);
  pump();
}

void Registry::claim_own(const std::string& key, std::function<void(Claimed)> then) {
  claim(key, [this, key, then = std::move(then)](const Claimed& claimed) {
    if (claimed.epoch) ++own_[key];
    then(claimed);
  });
}

void Registry::release_own(const std::string& key, std::uint64_t epoch) {
  if (const auto found = own_.find(key); found != own_.end() && --found->second == 0) own_.erase(found);
  release(key, epoch);
}

void Registry::find(const std::string& key, std::function<void(const Whereabouts&)> then) {
  finding_[key].push_back(std::move(then));
  rules_.find(key, Clock::now());
  pump();
}

void Registry::choose(const std::string& key, const std::string& region, const std::string& without,
                      std::function<void(const std::optional<Choice>&)> then) {
  find(key, [this, region, without, then = std::move(then)](const Whereabouts& where) {
    const std::string holder = where.holder ? where.holder->node : std::string();
    const cluster::Balance::Wish wish{.region = region, .has_stream = holder, .without = without};
    std::optional<Choice> choice;
    if (const Node* node = balance_.choose(wish)) {
      choice = Choice{.node = *node, .has_stream = node->name == holder};
      for (const auto& one : balance_.all(wish)) {
        if (one.node == node) choice->score = one.score;
      }
      ++figures_.balanced;
    }
    then(choice);
  });
}

void Registry::follow(const std::string& key) {
  if (++followed_[key] > 1) return;
  rules_.follow(key, Clock::now());
  pump();
}

void Registry::come_home(const base::StreamKey& key) {
  for (Door* door : doors_) {
    door->worker().post([door, key] { door->let_go(key); });
  }
}

void Registry::unfollow(const std::string& key) {
  const auto found = followed_.find(key);
  if (found == followed_.end() || --found->second > 0) return;
  followed_.erase(found);
  rules_.unfollow(key);
  pump();
}

void Registry::tick() {
  const Instant now = Clock::now();
  engine_->tick();
  if (!started_) return;
  rules_.tick(now);
  pump();
  if (reporting_ || now < next_report_) return;
  next_report_ = now + refresh_of(settings_);
  reporting_ = true;
  worker().spawn("registry report", [this](net::Life& life) { return report(life); });
}

net::Task<void> Registry::report(net::Life& life) {
  const base::ScopeExit over([this] { reporting_ = false; });
  const auto system = co_await given_.statistics.system(life.worker());
  const auto workers = co_await given_.statistics.workers(life.worker());
  const auto streams = co_await given_.statistics.stream_count(life.worker());
  if (!system || !workers || !streams || !started_) co_return;
  constexpr double bits = 8, mega = 1e6;
  const Instant now = Clock::now();
  std::uint64_t sent = 0;
  self_.clients = 0;
  for (const stats::WorkerRow& row : *workers) {
    self_.clients += row.clients;
    sent += row.traffic.sent_bytes;
  }
  const double passed = std::chrono::duration<double>(now - std::exchange(sent_at_, now)).count();
  const std::uint64_t before = std::exchange(sent_before_, sent);
  // Sessions that ended take their bytes with them.
  self_.sent_mbps = sent > before && self_.report > 0 ? static_cast<double>(sent - before) * bits / mega / passed : 0;
  ++self_.report;
  self_.cpu = std::clamp(system->cpu_part, 0.0, 1.0);
  self_.memory = std::clamp(system->memory.ram_part(), 0.0, 1.0);
  self_.streams = *streams;
  self_.draining = !given_.readiness.ready();
  rules_.describe(to_json(self_), now);
  rules_.list();
  pump();
}

void Registry::pump() {
  if (std::exchange(pumping_, true)) return;  // whoever is called asks for more
  const base::ScopeExit over([this] { pumping_ = false; });
  for (;;) {
    if (auto ask = rules_.poll_ask()) {
      if (!engine_->is_up()) continue;  // lost a moment ago, which the rules hear next
      ++figures_.asked;
      asked_.emplace(ask->id, Clock::now());
      engine_->ask(*ask);
    } else if (const auto event = rules_.poll_event()) {
      std::visit([this](const auto& one) { take(one); }, *event);
    } else {
      break;
    }
  }
  figures_.claims = rules_.claims();
  figures_.followed = rules_.followed();
}

void Registry::hear(const cluster::Answer& answer, const std::string& fault) {
  const Instant now = Clock::now();
  if (const auto found = asked_.find(answer.id); found != asked_.end()) {
    ++figures_.answers;
    figures_.answer_us +=
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now - found->second).count());
    asked_.erase(found);
  }
  if (answer.failed) {
    if (++figures_.failed == 1 || fault_ != fault) log::warn(who(), "registry: {}", fault);
    fault_ = fault;
  }
  rules_.hear(answer, now);
  pump();
}

void Registry::up() {
  ++figures_.connects;
  figures_.connected = true;
  fault_.clear();
  log::info(who(), "registry at {}: connected, as node {} of {}", engine_->address(), self_.name, settings_.prefix);
  if (std::exchange(told_down_, false)) given_.events.tell_registry(true, {});
  next_report_ = {};
  rules_.connected(Clock::now());
  pump();
}

void Registry::down(const std::string& why) {
  ++figures_.failures;
  asked_.clear();
  const bool was_up = figures_.connected.exchange(false);
  if (was_up || fault_ != why) {
    log::warn(who(), "registry at {}: {}; what runs goes on, new publishers are {}", engine_->address(), why,
              settings_.when_gone == config::Registry::WhenGone::open ? "let in" : "refused");
  }
  fault_ = why;
  if (!std::exchange(told_down_, true)) given_.events.tell_registry(false, why);
  rules_.lost(Clock::now());
  pump();
}

void Registry::answer_claims(const std::string& key, const Claimed& claimed) {
  const auto found = claiming_.find(key);
  if (found == claiming_.end()) return;
  const auto waiting = std::move(found->second);
  claiming_.erase(found);
  for (const auto& then : waiting) then(claimed);
}

void Registry::take(const Membership::Granted& event) {
  ++(event.sure ? figures_.granted : figures_.presumed);
  claims_[event.key] = {event.key, event.epoch, event.sure};
  answer_claims(event.key, {.epoch = event.epoch, .elsewhere = {}});
}

void Registry::take(const Membership::Denied& event) {
  ++(event.holder ? figures_.denied : figures_.denied_gone);
  answer_claims(event.key, {.epoch = std::nullopt, .elsewhere = event.holder ? event.holder->node : std::string()});
}

void Registry::take(const Membership::Evicted& event) {
  ++figures_.evicted;
  claims_.erase(event.key);
  const std::string by = event.by ? event.by->node : "nobody";
  const bool own = own_.erase(event.key) > 0;
  log::warn(who(), "{} is published at {} now{}", event.key, by, own ? "" : ": the publisher here ends");
  given_.events.tell_eviction(event.key, by);
  if (own) return tell_lost(event.key);
  if (const auto key = key_of(event.key)) given_.hubs.front()->kick_publisher(*key, hub::Errc::taken_over);
  tell_lost(event.key);
}

void Registry::tell_lost(const std::string& text) {
  const auto key = key_of(text);
  if (!key || !started_) return;
  for (Door* door : doors_) {
    door->worker().post([door, stream = *key] { door->lost(stream); });
  }
}

void Registry::take(const Membership::Found& event) {
  Whereabouts where{.holder = event.holder, .node = {}, .sure = event.sure};
  if (event.holder) {
    auto node = cluster::parse_node(event.record);
    if (node && node->name == event.holder->node) where.node = *std::move(node);
  }
  ++(!event.sure ? figures_.presumed_found : event.holder ? figures_.found : figures_.absent);
  if (const auto found = finding_.find(event.key); found != finding_.end()) {
    const auto waiting = std::move(found->second);
    finding_.erase(found);
    for (const auto& then : waiting) then(where);
  }
  if (!followed_.contains(event.key)) return;
  const auto key = key_of(event.key);
  if (!key) return;
  for (Door* door : doors_) {
    door->worker().post([door, stream = *key, where] { door->learn(stream, where); });
  }
}

void Registry::take(const Membership::Listed& event) {
  if (!event.sure) return;  // what was known last is better than nothing
  nodes_.clear();
  for (const std::string& record : event.records) {
    if (auto node = cluster::parse_node(record)) nodes_.push_back(*std::move(node));
  }
  std::sort(nodes_.begin(), nodes_.end(), [](const Node& a, const Node& b) { return a.name < b.name; });
  figures_.nodes = nodes_.size();
  balance_.report(nodes_);
}

void Registry::take(const Membership::Rival& event) {
  log::error(who(),
             "registry: another server goes by the name {} too (its instance {}): registry.node tells them apart",
             self_.name, event.instance);
}

void Registry::take(const Membership::Follow& event) {
  if (engine_->is_up()) engine_->follow(event.key, event.on);
}

Registry::State Registry::state() const {
  State state{.prefix = settings_.prefix,
              .node = self_.name,
              .instance = self_.instance,
              .address = engine_->address(),
              .fault = fault_,
              .connected = figures_.connected,
              .nodes = nodes_,
              .claims = {},
              .claim_count = claims_.size()};
  for (const auto& [key, claim] : claims_) {
    if (state.claims.size() >= most_listed) break;
    state.claims.push_back(claim);
  }
  return state;
}

}  // namespace weir::registry
