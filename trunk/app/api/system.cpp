#include <sys/resource.h>

#include <array>
#include <nlohmann/json.hpp>

#include "app/api/call.h"

// What the kernel tells of the process and the machine, as of the last sample.
namespace weir::api {

using nlohmann::ordered_json;

namespace {

// Behind pid, comm and state, in the order of proc(5), under SRS's names.
constexpr std::array process_fields{"ppid",        "pgrp",        "session",
                                    "tty_nr",      "tpgid",       "flags",
                                    "minflt",      "cminflt",     "majflt",
                                    "cmajflt",     "utime",       "stime",
                                    "cutime",      "cstime",      "priority",
                                    "nice",        "num_threads", "itrealvalue",
                                    "starttime",   "vsize",       "rss",
                                    "rsslim",      "startcode",   "endcode",
                                    "startstack",  "kstkesp",     "kstkeip",
                                    "signal",      "blocked",     "sigignore",
                                    "sigcatch",    "wchan",       "nswap",
                                    "cnswap",      "exit_signal", "processor",
                                    "rt_priority", "policy",      "delayacct_blkio_ticks",
                                    "guest_time",  "cguest_time"};

}  // namespace

Answer rusages(Call& call) {
  const bool enabled = call.config().stats.enabled;
  CO_TRY(const auto system, co_await call.context.statistics.system(call.home()));
  rusage usage{};
  if (enabled) getrusage(RUSAGE_SELF, &usage);
  const ordered_json data{{"ok", enabled},
                          {"sample_time", system.time_ms},
                          {"ru_utime", usage.ru_utime.tv_sec},
                          {"ru_stime", usage.ru_stime.tv_sec},
                          {"ru_maxrss", usage.ru_maxrss},
                          {"ru_ixrss", usage.ru_ixrss},
                          {"ru_idrss", usage.ru_idrss},
                          {"ru_isrss", usage.ru_isrss},
                          {"ru_minflt", usage.ru_minflt},
                          {"ru_majflt", usage.ru_majflt},
                          {"ru_nswap", usage.ru_nswap},
                          {"ru_inblock", usage.ru_inblock},
                          {"ru_oublock", usage.ru_oublock},
                          {"ru_msgsnd", usage.ru_msgsnd},
                          {"ru_msgrcv", usage.ru_msgrcv},
                          {"ru_nsignals", usage.ru_nsignals},
                          {"ru_nvcsw", usage.ru_nvcsw},
                          {"ru_nivcsw", usage.ru_nivcsw}};
  co_return ok(call, ordered_json{{"data", data}});
}

Answer self_proc_stats(Call& call) {
  CO_TRY(const auto system, co_await call.context.statistics.system(call.home()));
  ordered_json data{{"ok", call.config().stats.enabled}, {"sample_time", system.time_ms},
                    {"percent", system.self_cpu_part},   {"pid", system.self.pid},
                    {"comm", system.self.comm},          {"state", system.self.state}};
  for (std::size_t i = 0; i < process_fields.size(); ++i) data[process_fields[i]] = system.self.number(i);
  co_return ok(call, ordered_json{{"data", data}});
}

Answer system_proc_stats(Call& call) {
  CO_TRY(const auto system, co_await call.context.statistics.system(call.home()));
  const stats::CpuTimes& cpu = system.cpu;
  const ordered_json data{{"ok", call.config().stats.enabled},
                          {"sample_time", system.time_ms},
                          {"percent", system.cpu_part},
                          {"user", cpu.user},
                          {"nice", cpu.nice},
                          {"sys", cpu.sys},
                          {"idle", cpu.idle},
                          {"iowait", cpu.iowait},
                          {"irq", cpu.irq},
                          {"softirq", cpu.softirq},
                          {"steal", cpu.steal},
                          {"guest", cpu.guest}};
  co_return ok(call, ordered_json{{"data", data}});
}

Answer meminfos(Call& call) {
  CO_TRY(const auto system, co_await call.context.statistics.system(call.home()));
  const stats::Memory& memory = system.memory;
  const ordered_json data{{"ok", call.config().stats.enabled},
                          {"sample_time", system.time_ms},
                          {"percent_ram", memory.ram_part()},
                          {"percent_swap", memory.swap_part()},
                          {"MemActive", memory.active},
                          {"RealInUse", memory.in_use()},
                          {"NotInUse", memory.total - memory.in_use()},
                          {"MemTotal", memory.total},
                          {"MemFree", memory.free},
                          {"Buffers", memory.buffers},
                          {"Cached", memory.cached},
                          {"SwapTotal", memory.swap_total},
                          {"SwapFree", memory.swap_free}};
  co_return ok(call, ordered_json{{"data", data}});
}

}  // namespace weir::api
