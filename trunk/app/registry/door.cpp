#include "app/registry/door.h"

#include <algorithm>

#include "app/registry/error.h"
#include "app/registry/key.h"
#include "app/stats/ask.h"
#include "base/url.h"
#include "net/worker.h"
#include "session/common/protocol.h"
#include "session/common/upstream/error.h"

namespace weir::registry {

using namespace std::chrono_literals;
using base::Result;
using base::StreamKey;
namespace protocols = session::protocols;
namespace upstream = session::upstream;

namespace {

constexpr std::chrono::milliseconds room_pause = 20ms, room_patience = 2s;
constexpr auto unwanted_limit = 5s;  // a stream that nobody wants is watched for so long

bool takes_part(const config::Vhost& vhost) { return !vhost.cluster.remote; }

// They come again by themselves, and must not wait for what may never be.
bool asks_again(const hub::Request& request) {
  return request.protocol == protocols::hls.id || request.protocol == protocols::dash.id;
}

}  // namespace

// A publisher who waits for his claim. One that is granted when he has gone already is given back.
struct Door::Claiming {
  Claiming(net::Worker& home, Registry& of, std::string name) : ready(home.io()), registry(of), key(std::move(name)) {}
  Claiming(const Claiming&) = delete;
  ~Claiming() {
    if (answer && answer->epoch && !taken) give_back(registry, key, *answer->epoch);
  }
  static void give_back(Registry& registry, const std::string& key, std::uint64_t epoch) {
    registry.worker().post([&registry, key, epoch] { registry.release(key, epoch); });
  }

  net::Notifier ready;
  Registry& registry;
  std::string key;
  std::optional<Registry::Claimed> answer;
  bool taken = false;
};

// That the stream is this server's, as long as its publisher stays.
class Door::Held final : public hub::Hold {
 public:
  Held(Registry& registry, std::string key, std::uint64_t epoch)
      : registry_(registry), key_(std::move(key)), epoch_(epoch) {}
  ~Held() override { Claiming::give_back(registry_, key_, epoch_); }

 private:
  Registry& registry_;
  std::string key_;
  std::uint64_t epoch_;
};

Door::Door(hub::Hub& hub, Registry& registry, session::pull::Service& pulls)
    : hub_(hub), registry_(registry), pulls_(pulls), own_(hub, registry) {
  registry_.add(*this);
  pulls_.look_elsewhere(*this);
  hub_.admission().add([this](net::Life& life, const hub::Request& request, hub::Action action, hub::Permit& permit) {
    return admit(life, request, action, permit);
  });
  hub_.worker().every_tick([this] { tick(); });
}

net::Task<Result<void>> Door::admit(net::Life& life, const hub::Request& request, hub::Action action,
                                    hub::Permit& permit) {
  if (action != hub::Action::publish || !takes_part(*request.vhost)) co_return Result<void>();
  const std::string key = text_of(request.key());
  auto claiming = std::make_shared<Claiming>(worker(), registry_, key);
  registry_.worker().post([&registry = registry_, &home = worker(), key, weak = std::weak_ptr(claiming)] {
    registry.claim(key, [&registry, &home, key, weak](const Registry::Claimed& claimed) {
      home.post([&registry, key, weak, claimed] {
        if (const auto asker = weak.lock()) {
          asker->answer = claimed;
          asker->ready.notify();
        } else if (claimed.epoch) {
          Claiming::give_back(registry, key, *claimed.epoch);
        }
      });
    });
  });
  while (!claiming->answer) CO_TRY_VOID(co_await claiming->ready.wait());
  claiming->taken = true;
  const Registry::Claimed& claimed = *claiming->answer;
  if (claimed.epoch) {
    permit.hold(std::make_unique<Held>(registry_, key, *claimed.epoch));
    if (hub_.directory().starting(request.key())) co_await make_room(request.key());
    co_return Result<void>();
  }
  if (claimed.elsewhere.empty()) co_return Errc::gone;
  log::warn(life.log(), "{} is published at {} already", request.url(), claimed.elsewhere);
  co_return hub::Errc::busy;
}

// What is fetched under the name that is ours now is told to end, and waited for a moment.
net::Task<void> Door::make_room(const StreamKey& key) {
  registry_.worker().post([&registry = registry_, key] { registry.come_home(key); });
  net::Notifier pause(worker().io());
  net::TimerWheel::Timer timer([&pause] { pause.notify(); });
  const auto until = Clock::now() + room_patience;
  while ((hub_.directory().starting(key) || hub_.directory().owner(key)) && Clock::now() < until) {
    worker().wheel().arm(timer, room_pause);
    if (!co_await pause.wait()) co_return;
  }
}

void Door::let_go(const StreamKey& key) {
  if (!hub_.demand().starts(key)) return;
  pulls_.give_way(key);
  (void)hub_.demand().failed(key);
}

std::optional<Door::Place> Door::place_of(const Whereabouts& where) const {
  if (!where.holder || !where.node || where.holder->node == registry_.name()) return std::nullopt;
  return Place{where.node->name, where.node->at};
}

net::Task<Result<std::optional<cluster::Origin>>> Door::find(net::Life& life, const hub::Request& request) {
  if (!takes_part(*request.vhost)) co_return std::optional<cluster::Origin>();
  CO_TRY(const Whereabouts where,
         co_await stats::ask_later<Whereabouts>(worker(), registry_.worker(),
                                                [&registry = registry_, key = text_of(request.key())](auto told) {
                                                  registry.find(key, std::move(told));
                                                }));
  const auto place = place_of(where);
  if (!place && asks_again(request)) co_return upstream::Errc::nobody_has;
  if (Watched* watched = watch(request)) {
    watched->place = place;
    if (place && !hub_.demand().starts(request.key())) watched->from = place->node;
  }
  if (!place) co_return std::optional<cluster::Origin>();
  log::info(life.log(), "{} is at {}{}", request.url(), place->node, where.sure ? "" : ", as was known last");
  co_return std::optional(place->at);
}

net::Task<Result<std::optional<cluster::Origin>>> Door::choose(net::Life&, const hub::Request& request) {
  using Choice = std::optional<Registry::Choice>;
  if (!takes_part(*request.vhost)) co_return std::optional<cluster::Origin>();
  CO_TRY(const Choice choice,
         co_await stats::ask_later<Choice>(worker(), registry_.worker(),
                                           [&registry = registry_, key = text_of(request.key())](auto told) {
                                             registry.choose(key, registry.region(), registry.name(), std::move(told));
                                           }));
  co_return choice ? std::optional(choice->node.at) : std::nullopt;
}

Door::Watched* Door::watch(const hub::Request& request) {
  const StreamKey key = request.key();
  auto found = watched_.find(key);
  if (found == watched_.end()) {
    if (watched_.size() >= most_watched) return nullptr;
    found = watched_.emplace(key, Watched{.request = request, .place = {}, .from = {}, .wanted = {}}).first;
    registry_.worker().post([&registry = registry_, text = text_of(key)] { registry.follow(text); });
  }
  found->second.wanted = Clock::now();
  return &found->second;
}

std::optional<std::string> Door::origin_of(const hub::Request& wanted) const {
  const auto found = watched_.find(wanted.key());
  if (found == watched_.end() || !found->second.place || !takes_part(*wanted.vhost)) return std::nullopt;
  const cluster::Origin& at = found->second.place->at;
  return base::format_host_port(at.host, at.rtmp_port);
}

bool Door::may_have(const hub::Request& wanted) const {
  const auto found = watched_.find(wanted.key());
  return takes_part(*wanted.vhost) && (found == watched_.end() || found->second.place);
}

void Door::begin(const StreamKey& key, Watched& watched) {
  if (!watched.place || hub_.draining() || hub_.demand().starts(key)) return;
  if (hub_.directory().owner(key) || !is_wanted(key)) return;
  // Who waits here for a publisher that was cut off goes on from there.
  hub_.directory().over(key);
  watched.from = watched.place->node;
  hub_.demand().wanted(watched.request);
}

bool Door::is_wanted(const StreamKey& key) const {
  const auto wants = hub_.directory().wants(key);
  return std::any_of(wants.begin(), wants.end(),
                     [this](const hub::Want& want) { return want.worker == worker().index(); });
}

void Door::learn(const StreamKey& key, const Whereabouts& where) {
  const auto found = watched_.find(key);
  if (found == watched_.end()) return;
  Watched& watched = found->second;
  auto place = place_of(where);
  if (!place && !where.sure) return;
  watched.place = std::move(place);
  if (!watched.place || !hub_.demand().starts(key)) return begin(key, watched);
  if (watched.place->node == watched.from) return;
  log::info({worker().logger(), {}, {}}, "{} goes on from {}", key.display(), watched.place->node);
  registry_.count_moved();
  watched.from = watched.place->node;
  pulls_.renew(watched.request);
}

void Door::lost(const StreamKey& key) {
  if (own_.has(key)) return own_.lost(key);
  if (!is_wanted(key) || watched_.contains(key)) return;
  auto vhost = hub_.config()->match_vhost(key.vhost);
  if (!vhost || vhost->name != key.vhost) return;
  hub::Request request;
  request.protocol = protocols::rtmp.id;
  request.vhost = std::move(vhost);
  request.app = key.app;
  request.stream = key.stream;
  if (!watch(request)) return;
  registry_.worker().post(
      [&registry = registry_, text = text_of(key)] { registry.find(text, [](const Whereabouts&) {}); });
}

// Once a second.
void Door::tick() {
  if (++ticks_ % 4 != 0) return;
  own_.tick();
  const auto now = Clock::now();
  for (auto it = watched_.begin(); it != watched_.end();) {
    if (is_wanted(it->first) || hub_.demand().starts(it->first)) {
      it->second.wanted = now;
      begin(it->first, it->second);
    } else if (now - it->second.wanted > unwanted_limit) {
      registry_.worker().post([&registry = registry_, text = text_of(it->first)] { registry.unfollow(text); });
      it = watched_.erase(it);
      continue;
    }
    ++it;
  }
}

}  // namespace weir::registry
