#include "app/api/summaries.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "base/version.h"
#include "base/wall_time.h"

namespace weir::api {

using nlohmann::ordered_json;

namespace {

// Six digits are plenty, and 0.07 is not written as 0.070000000000000007.
double rounded(double value) { return std::round(value * 1e6) / 1e6; }

ordered_json breaker_json(const session::webrtc::Figures& figures) {
  const std::int64_t high = figures.breaker_workers[1], critical = figures.breaker_workers[2];
  return {{"state", critical > 0 ? "critical"
                    : high > 0   ? "high"
                                 : "normal"},
          {"workers_high", high},
          {"workers_critical", critical},
          {"trips", figures.breaker_trips[1] + figures.breaker_trips[2]},
          {"unrepaired", figures.unrepaired.load()}};
}

ordered_json self_json(const Context& context, const stats::SystemSample& system) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double memory =
      system.memory.total > 0 ? static_cast<double>(usage.ru_maxrss) / static_cast<double>(system.memory.total) : 0;
  const auto uptime = std::chrono::steady_clock::now() - context.started;
  ordered_json self{{"version", base::version},
                    {"pid", context.pid},
                    {"ppid", getppid()},
                    {"argv", context.argv},
                    {"cwd", context.cwd},
                    {"mem_kbyte", usage.ru_maxrss},
                    {"mem_percent", rounded(memory)},
                    {"cpu_percent", rounded(system.self_cpu_part)},
                    {"srs_uptime", std::chrono::duration_cast<std::chrono::seconds>(uptime).count()}};
  if (const hub::MemoryBudget* const budget = context.memory) {
    static constexpr std::array<const char*, 4> names{"none", "shrink", "refuse", "full"};
    self["memory"] = {{"budget_bytes", budget->limit()},
                      {"cache_bytes", budget->used()},
                      {"resident_bytes", budget->resident()},
                      {"pressure", names[static_cast<std::size_t>(budget->pressure())]}};
  }
  if (const hub::AudioBridge* const bridge = context.bridge) {
    static constexpr std::array<const char*, 4> names{"not needed yet", "being loaded", "loaded", "missing"};
    self["audio_plugin"] = names[static_cast<std::size_t>(bridge->plugin_state())];
  }
  if (const session::webrtc::Figures* const rtc = context.rtc) self["circuit_breaker"] = breaker_json(*rtc);
  return self;
}

ordered_json system_json(const stats::SystemSample& system, const std::vector<stats::WorkerRow>& workers) {
  stats::Traffic traffic;
  std::uint64_t clients = 0;
  for (const auto& worker : workers) {
    traffic += worker.traffic;
    clients += worker.clients;
  }
  const stats::Sockets& sockets = system.sockets;
  return {{"cpu_percent", rounded(system.cpu_part)},
          {"disk_read_KBps", system.disk_read_kbps},
          {"disk_write_KBps", system.disk_write_kbps},
          {"disk_busy_percent", rounded(system.disk_busy_part)},
          {"mem_ram_kbyte", system.memory.total},
          {"mem_ram_percent", rounded(system.memory.ram_part())},
          {"mem_swap_kbyte", system.memory.swap_total},
          {"mem_swap_percent", rounded(system.memory.swap_part())},
          {"cpus", system.cpus},
          {"cpus_online", system.cpus_online},
          {"uptime", rounded(system.uptime_seconds)},
          {"ilde_time", rounded(system.idle_seconds)},  // SRS's spelling, which its clients read
          {"load_1m", system.load[0]},
          {"load_5m", system.load[1]},
          {"load_15m", system.load[2]},
          {"net_sample_time", system.time_ms},
          {"net_recv_bytes", system.public_received},
          {"net_send_bytes", system.public_sent},
          {"net_recvi_bytes", system.private_received},
          {"net_sendi_bytes", system.private_sent},
          {"srs_sample_time", base::wall_time_ms()},
          {"srs_recv_bytes", traffic.received_bytes},
          {"srs_send_bytes", traffic.sent_bytes},
          {"conn_sys", sockets.tcp + sockets.time_wait + sockets.udp},
          {"conn_sys_et", sockets.established},
          {"conn_sys_tw", sockets.time_wait},
          {"conn_sys_udp", sockets.udp},
          {"conn_srs", clients}};
}

}  // namespace

ordered_json summary_data(const Context& context, bool enabled, const stats::SystemSample& system,
                          const std::vector<stats::WorkerRow>& workers) {
  return {{"ok", enabled},
          {"now_ms", base::wall_time_ms()},
          {"self", self_json(context, system)},
          {"system", system_json(system, workers)}};
}

Answer summaries(Call& call) {
  CO_TRY(const auto system, co_await call.context.statistics.system(call.home()));
  CO_TRY(const auto workers, co_await call.context.statistics.workers(call.home()));
  const ordered_json data = summary_data(call.context, call.config().stats.enabled, system, workers);
  co_return ok(call, ordered_json{{"data", data}});
}

}  // namespace weir::api
