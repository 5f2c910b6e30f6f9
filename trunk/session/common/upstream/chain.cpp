#include "session/common/upstream/chain.h"

#include <algorithm>

namespace weir::session::upstream {

using base::Result;

namespace {

bool same(const media::CodecParameters& one, const media::CodecParameters& other) {
  return one.codec == other.codec && one.sample_rate == other.sample_rate && one.channels == other.channels &&
         std::ranges::equal(one.extradata.bytes(), other.extradata.bytes());
}

}  // namespace

net::Task<Result<void>> Chain::open(hub::ProtocolId protocol) {
  if (publisher_) co_return Result<void>();
  const auto input = co_await attempt_.publish(protocol);
  if (!input) {
    refused_ = true;
    co_return input.error();
  }
  publisher_.emplace(attempt_.life(), **input);
  co_return Result<void>();
}

// A reader tells its tracks as it finds them: what another file had is there until something else takes its place.
Result<void> Chain::set_tracks(media::Tracks tracks) {
  bool changed = false;
  for (const media::Track& track : tracks) {
    const auto [told, is_new] = told_.try_emplace(track.id, track);
    if (!is_new && same(*told->second.parameters, *track.parameters)) continue;
    told->second.parameters = track.parameters;
    told->second.generation = is_new ? 0 : told->second.generation + 1;
    changed = true;
  }
  if (!changed) return {};
  media::Tracks all;
  for (const auto& [id, track] : told_) all.push_back(track);
  return publisher_->set_tracks(std::move(all));
}

void Chain::put(std::span<media::Frame> frames) {
  for (media::Frame& frame : frames) {
    const auto track = told_.find(frame.track);
    if (track != told_.end()) frame.generation = track->second.generation;
  }
  publisher_->put(frames);
}

}  // namespace weir::session::upstream
