#include "app/registry/own_streams.h"

#include "app/registry/key.h"
#include "config/source_rules.h"
#include "net/worker.h"
#include "session/common/upstream/way.h"

namespace weir::registry {

namespace upstream = session::upstream;

namespace {

// What is fetched from another server of the cluster is that one's. It is on demand as a `source` may be, but no source
// is configured for it.
bool is_own(const hub::Stream& stream) {
  const hub::Request& request = *stream.origin().request;
  if (request.vhost->cluster.remote) return false;
  if (request.origin != hub::Origin::pull && request.origin != hub::Origin::file) return false;
  return request.facts.find(upstream::on_demand_fact).empty() ||
         config::has_sources(*request.vhost, request.app, request.stream);
}

}  // namespace

// Gives back what it was granted when it goes.
struct OwnStreams::Claim {
  Claim(Registry& of, std::string name) : registry(of), text(std::move(name)) {}
  Claim(const Claim&) = delete;
  ~Claim() {
    if (epoch) give_back(registry, text, *epoch);
  }
  static void give_back(Registry& registry, const std::string& text, std::uint64_t epoch) {
    registry.worker().post([&registry, text, epoch] { registry.release_own(text, epoch); });
  }

  Registry& registry;
  std::string text;
  std::optional<std::uint64_t> epoch;
  bool asked = false, told = false;
  Clock::time_point next{};
};

OwnStreams::OwnStreams(hub::Hub& hub, Registry& registry) : hub_(hub), registry_(registry) {
  hub_.events().observe_streams([this](const hub::StreamEvent& event) { on_event(event); });
}

void OwnStreams::on_event(const hub::StreamEvent& event) {
  using Kind = hub::StreamEvent::Kind;
  const base::StreamKey& key = event.stream.key();
  if (event.kind == Kind::interrupted || event.kind == Kind::ended) {
    claims_.erase(key);
    return;
  }
  if (claims_.contains(key) || !is_own(event.stream)) return;
  const auto claim = std::make_shared<Claim>(registry_, text_of(key));
  claims_.emplace(key, claim);
  ask(claim);
}

void OwnStreams::ask(const std::shared_ptr<Claim>& claim) {
  claim->asked = true;
  claim->next = Clock::now() + ask_again;
  registry_.worker().post(
      [&registry = registry_, &home = hub_.worker(), text = claim->text, weak = std::weak_ptr(claim)] {
        registry.claim_own(text, [&registry, &home, text, weak](const Registry::Claimed& claimed) {
          home.post([&registry, &home, text, weak, claimed] {
            const auto one = weak.lock();
            if (!one) {
              if (claimed.epoch) Claim::give_back(registry, text, *claimed.epoch);
              return;
            }
            one->asked = false;
            one->epoch = claimed.epoch;
            if (!claimed.epoch && !std::exchange(one->told, true)) {
              log::info({home.logger(), {}, {}}, "{} is {}'s for the others: it is fetched here as well", text,
                        claimed.elsewhere.empty() ? "nobody" : claimed.elsewhere);
            }
          });
        });
      });
}

void OwnStreams::lost(const base::StreamKey& key) {
  const auto found = claims_.find(key);
  if (found == claims_.end()) return;
  found->second->epoch.reset();
  found->second->next = Clock::now() + ask_again;
}

void OwnStreams::tick() {
  const auto now = Clock::now();
  for (const auto& [key, claim] : claims_) {
    if (!claim->asked && !claim->epoch && now >= claim->next) ask(claim);
  }
}

}  // namespace weir::registry
