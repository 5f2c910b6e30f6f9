#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "app/bench/options.h"
#include "app/bench/server_probe.h"

namespace weir::bench {

struct Spread {
  std::uint64_t count = 0;
  double mean_ms = 0, p50_ms = 0, p99_ms = 0, max_ms = 0;
};

struct Report {
  double window_seconds = 0;
  // Players
  std::uint32_t players = 0, connected = 0, with_frame = 0, failed = 0, starved = 0;
  double longest_silence_ms = 0;  // of any player
  double smallest_share = 0;      // of the expected bytes, at the worst player
  std::uint64_t received_bytes = 0, media_messages = 0;
  Spread delay, play_to_frame, connect_to_frame;
  // Publishers
  std::uint32_t publishers = 0, publishing = 0;
  std::uint64_t published_bytes = 0, published_messages = 0, publish_sends = 0;
  Spread publish_to_accept, lateness;
  // Server, if its pid was given, and ourselves
  ProcessFacts server_before, server_ready, server_begin, server_end, load_begin, load_end;
  double busy_begin = 0, busy_end = 0;  // of the whole machine
  std::uint32_t connections = 0;
  // Churn
  std::uint32_t rounds_done = 0, rounds_failed = 0;
  std::map<std::string, std::uint32_t> failures;  // reasons

  double gigabits() const { return static_cast<double>(received_bytes) * 8 / 1e9; }
  double published_gigabits() const { return static_cast<double>(published_bytes) * 8 / 1e9; }
  double server_cpu() const { return server_end.cpu_seconds - server_begin.cpu_seconds; }
  double load_cpu() const { return load_end.cpu_seconds - load_begin.cpu_seconds; }
  // What other processes used meanwhile, in cores.
  double others_share() const { return (busy_end - busy_begin - server_cpu() - load_cpu()) / window_seconds; }
  bool good(const Options& options) const;
};

std::string as_text(const Report& report, const Options& options);
std::string as_json(const Report& report, const Options& options);

}  // namespace weir::bench
