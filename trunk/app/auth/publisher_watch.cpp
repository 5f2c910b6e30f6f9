#include "app/auth/access.h"

#include "base/log_flood.h"

namespace weir::auth {

using namespace std::chrono_literals;

namespace {

constexpr unsigned ticks_between_looks = 4;  // a second
constexpr auto bitrate_window = 5s;          // what encoders send in bursts evens out over that

}  // namespace

PublisherWatch::PublisherWatch(hub::Hub& hub, const Quotas& quotas, Figures& figures)
    : hub_(hub), quotas_(quotas), figures_(figures) {
  hub_.events().observe([this](const hub::Event& event) {
    if (event.kind == hub::Event::Kind::publish) publishers_.try_emplace(event.id);
    if (event.kind == hub::Event::Kind::unpublish) publishers_.erase(event.id);
  });
  hub_.worker().every_tick([this] {
    if (++ticks_ % ticks_between_looks == 0) look();
  });
}

base::ErrorCode PublisherWatch::judge(const hub::Record& record, Watched& watched, Clock::time_point now) {
  const auto vhost = hub_.config()->match_vhost(record.request.vhost->name);
  if (!vhost) return {};
  const auto idle_limit = vhost->publish.kickoff_for_idle;
  if (idle_limit.count() == 0 || quotas_.players(record.request.key()) > 0) {
    watched.played_at = now;
  } else if (now - watched.played_at >= idle_limit) {
    figures_.kicked_idle.fetch_add(1, std::memory_order_relaxed);
    return Errc::nobody_plays;
  }
  if (now - watched.window_began < bitrate_window) return {};
  const std::uint64_t bytes = record.received_bytes();
  const double seconds = std::chrono::duration<double>(now - watched.window_began).count();
  const double bits_per_second = static_cast<double>(bytes - std::min(bytes, watched.bytes_before)) * 8 / seconds;
  watched.window_began = now;
  watched.bytes_before = bytes;
  const std::uint64_t most = vhost->stream_limits.max_publish_bitrate;
  if (most == 0 || bits_per_second <= static_cast<double>(most)) return {};
  figures_.kicked_bitrate.fetch_add(1, std::memory_order_relaxed);
  return Errc::bitrate_exceeded;
}

void PublisherWatch::look() {
  const auto now = Clock::now();
  for (auto& [id, watched] : publishers_) {
    const hub::Record* record = hub_.registry().find(id);
    if (!record || !record->session || record->kick_reason()) continue;
    const base::ErrorCode why = judge(*record, watched, now);
    if (!why) continue;
    const log::Context who{hub_.worker().logger(), id, {}, log::origin_of(record->request.peer.address)};
    log::warn(who, "publisher of {} is ended: {}", record->request.url(), why.message());
    record->session->kick(why);
  }
}

}  // namespace weir::auth
