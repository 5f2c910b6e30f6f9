#include "app/registry/engine.h"

#include <algorithm>

#include "app/registry/etcd_engine.h"
#include "app/registry/redis_engine.h"
#include "net/notifier.h"
#include "net/worker.h"

namespace weir::registry {

std::unique_ptr<Engine> make_engine(Engine::Given given, Engine::Told told) {
  if (given.settings.engine == config::Registry::Engine::etcd) {
    return std::make_unique<EtcdEngine>(std::move(given), std::move(told));
  }
  return std::make_unique<RedisEngine>(std::move(given), std::move(told));
}

std::chrono::milliseconds pause_after(std::uint32_t failures, std::uint32_t& chance) {
  const auto length = std::min(longest_pause, first_pause * (1U << std::min(std::max(failures, 1U) - 1, 5U)));
  // xorshift.
  chance ^= chance << 13U;
  chance ^= chance >> 17U;
  chance ^= chance << 5U;
  const auto quarter = static_cast<std::uint32_t>(length.count() / 4);
  return length + std::chrono::milliseconds(chance % (2 * quarter + 1)) - std::chrono::milliseconds(quarter);
}

net::Task<void> pause_for(net::Life& life, std::chrono::milliseconds length) {
  net::Notifier wake(life.worker().io());
  net::TimerWheel::Timer timer([&wake] { wake.notify(); });
  life.worker().wheel().arm(timer, length);
  (void)co_await wake.wait();
}

}  // namespace weir::registry
