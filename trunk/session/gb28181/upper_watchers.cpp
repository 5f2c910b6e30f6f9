#include "session/gb28181/upper.h"

// What a platform above is told by itself.
namespace weir::session::gb28181 {

const Upper::Channel* Upper::find_shown(std::span<const base::StreamKey> streams) const {
  for (const base::StreamKey& key : streams) {
    if (const auto found = by_stream_.find(key); found != by_stream_.end()) return found->second;
  }
  return nullptr;
}

void Upper::tell_alarm(std::span<const base::StreamKey> streams, const manscdp::Alarm& alarm) {
  if (state_ != UpperState::registered || !watchers_.any(Watchers::Topic::alarm)) return;
  const Channel* const shown = find_shown(streams);
  if (shown) watchers_.tell(Watchers::Topic::alarm, manscdp::alarm_notice(next_sn(), shown->id, alarm), way_);
}

void Upper::tell_position(std::span<const base::StreamKey> streams, const manscdp::Position& position) {
  if (state_ != UpperState::registered || !watchers_.any(Watchers::Topic::position)) return;
  const Channel* const shown = find_shown(streams);
  if (shown) watchers_.tell(Watchers::Topic::position, manscdp::position_notice(next_sn(), shown->id, position), way_);
}

// Streams of every kind come and go: some are looked at each second, in turn.
void Upper::look_at_channels(base::Instant now) {
  if (!watchers_.any(Watchers::Topic::catalogue)) return shown_on_.clear();
  const std::size_t all = settings_.channels.size();
  if (shown_on_.size() != all) {
    // As the catalogue says it, which whoever subscribes has asked for.
    for (const Channel& channel : settings_.channels) shown_on_.push_back(outside_.available(channel.request));
    next_channel_ = 0;
    next_look_ = now + std::chrono::seconds(1);
    return;
  }
  if (next_look_ > now) return;
  next_look_ = now + std::chrono::seconds(1);
  for (std::size_t i = 0; i < std::min(all, channels_at_a_time); ++i) {
    const std::size_t at = next_channel_++ % all;
    const Channel& channel = settings_.channels[at];
    const bool on = outside_.available(channel.request);
    if (on == shown_on_[at]) continue;
    shown_on_[at] = on;
    watchers_.tell(Watchers::Topic::catalogue,
                   manscdp::catalog_notice(next_sn(), settings_.upper.id, channel.id, on ? "ON" : "OFF"), way_);
  }
  line_.run();
}

}  // namespace weir::session::gb28181
