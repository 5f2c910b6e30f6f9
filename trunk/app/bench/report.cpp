#include "app/bench/report.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

namespace weir::bench {

namespace {

using Json = nlohmann::ordered_json;

double ratio(double a, double b) { return b > 0 ? a / b : 0; }

Json spread(const Spread& s) {
  return {{"count", s.count}, {"mean_ms", s.mean_ms}, {"p50_ms", s.p50_ms}, {"p99_ms", s.p99_ms}, {"max_ms", s.max_ms}};
}

void line(std::string& out, std::string_view name, const Spread& s) {
  if (s.count == 0) return;
  fmt::format_to(std::back_inserter(out),
                 "{:<24}p50 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms, mean {:.2f} ms ({} values)\n", name, s.p50_ms,
                 s.p99_ms, s.max_ms, s.mean_ms, s.count);
}

double kib_per_connection(const Report& r) {
  const double grown =
      static_cast<double>(r.server_ready.resident_bytes) - static_cast<double>(r.server_before.resident_bytes);
  return r.connections ? grown / 1024 / r.connections : 0;
}

}  // namespace

bool Report::good(const Options& options) const {
  if (options.mode == Mode::churn) return rounds_failed == 0 && rounds_done == options.rounds;
  return failed == 0 && connected == players && publishing == publishers && (options.idle || starved == 0);
}

std::string as_text(const Report& r, const Options& o) {
  std::string out;
  const auto at = std::back_inserter(out);
  if (o.mode == Mode::churn) {
    fmt::format_to(at, "{:<24}{} done, {} failed in {:.1f} s\n", "rounds", r.rounds_done, r.rounds_failed,
                   r.window_seconds);
  } else {
    if (r.players > 0) {
      fmt::format_to(at, "{:<24}{} wanted, {} connected, {} with a picture, {} failed, {} starved\n", "players",
                     r.players, r.connected, r.with_frame, r.failed, r.starved);
      fmt::format_to(at, "{:<24}{:.3f} Gb/s, {} bytes, {} messages in {:.2f} s\n", "delivered",
                     ratio(r.gigabits(), r.window_seconds), r.received_bytes, r.media_messages, r.window_seconds);
      fmt::format_to(at, "{:<24}{:.0f} % of the bytes, {:.0f} ms of silence\n", "worst player", r.smallest_share * 100,
                     r.longest_silence_ms);
    }
    if (r.publishers > 0) {
      fmt::format_to(at, "{:<24}{} wanted, {} publishing, {:.3f} Gb/s in {} messages and {} writes\n", "publishers",
                     r.publishers, r.publishing, ratio(r.published_gigabits(), r.window_seconds), r.published_messages,
                     r.publish_sends);
    }
  }
  line(out, "play to first frame", r.play_to_frame);
  line(out, "connect to first frame", r.connect_to_frame);
  line(out, "publish to accepted", r.publish_to_accept);
  line(out, "frame delay", r.delay);
  line(out, "own lateness", r.lateness);
  if (o.pid > 0) {
    fmt::format_to(at, "{:<24}{:.3f} s CPU ({:.1f} % of a core), {} threads, {} descriptors\n", "server",
                   r.server_cpu(), ratio(r.server_cpu(), r.window_seconds) * 100, r.server_end.threads,
                   r.server_end.descriptors);
    fmt::format_to(at, "{:<24}{:.2f} Gb per CPU-second out, {:.2f} in\n", "", ratio(r.gigabits(), r.server_cpu()),
                   ratio(r.published_gigabits(), r.server_cpu()));
    fmt::format_to(at,
                   "{:<24}{:.1f} MiB before, {:.1f} MiB with all connected ({:.1f} KiB each), {:.1f} MiB at the end\n",
                   "memory", static_cast<double>(r.server_before.resident_bytes) / 1048576,
                   static_cast<double>(r.server_ready.resident_bytes) / 1048576, kib_per_connection(r),
                   static_cast<double>(r.server_end.resident_bytes) / 1048576);
  }
  fmt::format_to(at, "{:<24}{:.3f} s CPU ({:.1f} % of a core)\n", "this load", r.load_cpu(),
                 ratio(r.load_cpu(), r.window_seconds) * 100);
  for (const auto& [reason, count] : r.failures) fmt::format_to(at, "{:<24}{} times: {}\n", "failure", count, reason);
  return out;
}

std::string as_json(const Report& r, const Options& o) {
  Json json = {
      {"mode", o.mode == Mode::churn ? "churn" : "stream"},
      {"good", r.good(o)},
      {"window_seconds", r.window_seconds},
      {"drain_ms", o.drain_ms},
      {"players", r.players},
      {"connected", r.connected},
      {"with_frame", r.with_frame},
      {"failed", r.failed},
      {"starved", r.starved},
      {"longest_silence_ms", r.longest_silence_ms},
      {"smallest_share", r.smallest_share},
      {"received_bytes", r.received_bytes},
      {"media_messages", r.media_messages},
      {"gigabits_per_second", ratio(r.gigabits(), r.window_seconds)},
      {"delay", spread(r.delay)},
      {"play_to_frame", spread(r.play_to_frame)},
      {"connect_to_frame", spread(r.connect_to_frame)},
      {"publishers", r.publishers},
      {"publishing", r.publishing},
      {"published_bytes", r.published_bytes},
      {"published_messages", r.published_messages},
      {"publish_sends", r.publish_sends},
      {"publish_to_accept", spread(r.publish_to_accept)},
      {"lateness", spread(r.lateness)},
      {"load_cpu_share", ratio(r.load_cpu(), r.window_seconds)},
      {"others_cpu_share", o.pid > 0 && r.window_seconds > 0 ? r.others_share() : 0},
      {"rounds_done", r.rounds_done},
      {"rounds_failed", r.rounds_failed},
      {"failures", r.failures},
  };
  if (o.pid > 0) {
    json["server"] = {
        {"cpu_seconds", r.server_cpu()},
        {"cpu_share", ratio(r.server_cpu(), r.window_seconds)},
        {"gb_per_cpu_second_out", ratio(r.gigabits(), r.server_cpu())},
        {"gb_per_cpu_second_in", ratio(r.published_gigabits(), r.server_cpu())},
        {"us_per_second_and_player", r.players ? ratio(r.server_cpu() * 1e6, r.window_seconds * r.players) : 0},
        {"resident_before", r.server_before.resident_bytes},
        {"resident_ready", r.server_ready.resident_bytes},
        {"resident_end", r.server_end.resident_bytes},
        {"kib_per_connection", kib_per_connection(r)},
        {"threads", r.server_end.threads},
        {"descriptors_before", r.server_before.descriptors},
        {"descriptors_end", r.server_end.descriptors},
    };
  }
  return json.dump(2) + "\n";
}

}  // namespace weir::bench
