#include "app/events/measure.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/events/board.h"
#include "base/wall_time.h"

namespace weir::events {

using nlohmann::ordered_json;

namespace {

constexpr std::size_t points_of_a_rate = 4;  // three seconds; while nobody listens, fifteen
constexpr std::chrono::seconds longest_gap{12};

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

}  // namespace

void Measure::begin(net::Worker& home) {
  if (std::exchange(asking_, true)) return;
  home.spawn("events", [this, &home](net::Life&) { return ask(home); });
}

net::Task<void> Measure::ask(net::Worker& home) {
  const auto system = co_await statistics_.system(home);
  const auto workers = co_await statistics_.workers(home, stats::WorkerStats::Skips::counted);
  const auto streams = co_await statistics_.stream_count(home);
  asking_ = false;
  if (system && workers && streams) tell(*system, *workers, *streams);
}

void Measure::tell(const stats::SystemSample& system, const std::vector<stats::WorkerRow>& workers,
                   std::size_t streams) {
  stats::WorkerRow sum;
  for (const stats::WorkerRow& worker : workers) {
    sum.clients += worker.clients;
    sum.publishers += worker.publishers;
    sum.clients_total += worker.clients_total;
    sum.clients_errors += worker.clients_errors;
    sum.skips += worker.skips;
    sum.traffic += worker.traffic;
    sum.busy = std::max(sum.busy, worker.busy);
  }
  const auto now = std::chrono::steady_clock::now();
  // After a pause nobody knows what the rate was.
  if (!points_.empty() && now - points_.back().at > longest_gap) points_.clear();
  points_.push_back({now, sum.traffic.received_bytes, sum.traffic.sent_bytes});
  if (points_.size() > points_of_a_rate) points_.pop_front();
  const Point& then = points_.front();
  const double seconds = std::chrono::duration<double>(now - then.at).count();
  const auto kbps = [&](std::uint64_t to, std::uint64_t from) {
    return seconds > 0 ? std::llround(static_cast<double>(to - from) * 8 / 1000 / seconds) : 0;
  };
  const Figures& figures = board_.figures();
  const std::int64_t resident_kbyte = system.self.resident_pages() * 4;
  const ordered_json data{{"time_ms", base::wall_time_ms()},
                          {"recv_kbps", kbps(sum.traffic.received_bytes, then.received)},
                          {"send_kbps", kbps(sum.traffic.sent_bytes, then.sent)},
                          {"recv_bytes", sum.traffic.received_bytes},
                          {"send_bytes", sum.traffic.sent_bytes},
                          {"streams", streams},
                          {"publishers", sum.publishers},
                          {"players", sum.clients - std::min(sum.clients, sum.publishers)},
                          {"clients", sum.clients},
                          {"clients_total", sum.clients_total},
                          {"clients_errs", sum.clients_errors},
                          {"skips", sum.skips},
                          {"cpu_percent", rounded(system.self_cpu_part)},
                          {"system_cpu_percent", rounded(system.cpu_part)},
                          {"cpus", system.cpus_online},
                          {"busiest_worker", rounded(sum.busy)},
                          {"mem_kbyte", resident_kbyte},
                          {"mem_ram_kbyte", system.memory.total},
                          {"mem_ram_percent", rounded(system.memory.ram_part())},
                          {"load_1m", system.load[0]},
                          {"listeners", figures.listeners.load()},
                          {"listeners_slow", figures.slow.load()}};
  board_.keep_stats(data.dump());
  tell_skips(sum.skips);
  tell_hooks();
}

void Measure::tell_skips(std::uint64_t skips) {
  const std::uint64_t before = std::exchange(skips_, skips).value_or(skips);
  if (skips <= before) return;
  board_.tell("skip", ordered_json{{"time_ms", base::wall_time_ms()}, {"count", skips - before}}.dump());
}

void Measure::tell_hooks() {
  if (!hooks_) return;
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const hooks::Figures::Calls& now = hooks_->calls[i];
    const Calls before = std::exchange(calls_[i], {now.failed.load(), now.denied.load(), now.dropped.load()});
    if (!calls_known_) continue;
    const Calls grown{calls_[i].failed - before.failed, calls_[i].denied - before.denied,
                      calls_[i].dropped - before.dropped};
    if (grown.failed + grown.denied + grown.dropped == 0) continue;
    board_.tell("hook", ordered_json{{"time_ms", base::wall_time_ms()},
                                     {"hook", hooks::hook_names[i]},
                                     {"failed", grown.failed},
                                     {"denied", grown.denied},
                                     {"dropped", grown.dropped}}
                            .dump());
  }
  calls_known_ = true;
}

}  // namespace weir::events
