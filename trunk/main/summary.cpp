#include <atomic>

#include "main/server.h"

namespace weir::server {

using Clock = std::chrono::steady_clock;

void Server::log_summary() {
  struct Sum {
    std::atomic<std::size_t> publishers{0}, players{0};
    std::atomic<std::uint64_t> skips{0}, received{0}, sent{0};
    std::atomic<int> busiest{0}, delay_us{0};
  } sum;
  on_all([&](Shard& shard) {
    shard.hub().registry().each([&](const hub::Record& record) {
      const bool of_our_own = !record.publishing && record.request.origin != hub::Origin::client;
      if (!of_our_own) ++(record.publishing ? sum.publishers : sum.players);
      sum.received += record.received_bytes();
      sum.sent += record.sent_bytes();
    });
    sum.skips += shard.hub().player_skips();
    const int busy = static_cast<int>(shard.worker().busy() * 100);
    for (int seen = sum.busiest; busy > seen && !sum.busiest.compare_exchange_weak(seen, busy);) {
    }
    const int delay = static_cast<int>(shard.hub().cadence().load_delay().count());
    for (int seen = sum.delay_us; delay > seen && !sum.delay_us.compare_exchange_weak(seen, delay);) {
    }
  });
  const auto now = Clock::now();
  const double seconds = std::max(0.001, std::chrono::duration<double>(now - std::exchange(summary_at_, now)).count());
  // Sessions that ended take their bytes with them, so a difference can fall below zero: then say nothing of rates.
  const auto rate = [&](std::uint64_t total, std::uint64_t& before) {
    const std::uint64_t had = std::exchange(before, total);
    return total > had ? static_cast<double>(total - had) * 8 / seconds / 1e6 : 0.0;
  };
  const double in = rate(sum.received, received_before_), out = rate(sum.sent, sent_before_);
  const std::uint64_t skipped = sum.skips - std::exchange(skips_before_, sum.skips.load());
  log::info(log_,
            "summary: {} streams, {} players, {} connections; in {:.1f} Mb/s, out {:.1f} Mb/s; busiest worker {} %, "
            "merge {} ms; {} skips",
            sum.publishers.load(), sum.players.load(), connections_.value(), in, out, sum.busiest.load(),
            sum.delay_us.load() / 1000, skipped);
}

}  // namespace weir::server
