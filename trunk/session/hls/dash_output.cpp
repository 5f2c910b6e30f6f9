#include "session/hls/dash_output.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/mp4/sample_entry.h"
#include "session/common/path_pattern.h"
#include "session/hls/disk.h"
#include "session/hls/kernel_copy.h"
#include "session/hls/window.h"

namespace weir::session::hls {

using base::Ticks;
using std::chrono::milliseconds;

namespace {

constexpr const char* init_type = "video/mp4";
constexpr const char* segment_type = "video/iso.segment";

bool is_video(const media::Track& track) { return media::kind_of(track.parameters->codec) == media::Kind::video; }

Ticks ticks(milliseconds time) { return std::chrono::duration_cast<Ticks>(time); }

}  // namespace

DashOutput::DashOutput(Outlet outlet, std::uint64_t first_number)
    : outlet_(std::move(outlet)), next_number_(first_number), period_(first_number) {
  path_ = manifest_path(*outlet_.vhost, outlet_.app, outlet_.stream);
  place_ = outlet_.place_of(path_);
  usable_ = is_safe_path(path_);
}

std::string DashOutput::manifest_path(const config::Vhost& vhost, std::string_view app, std::string_view stream) {
  std::string path = fill_path(vhost.dash.mpd_file, {.vhost = vhost.name, .app = app, .stream = stream});
  path.erase(0, path.find_first_not_of('/'));
  return path;
}

DashOutput::~DashOutput() {
  outlet_.budget.give(bytes_);
  for (const Kept& kept : lingering_) outlet_.budget.give(kept.bytes);
}

Segmenter::Rules DashOutput::rules() const {
  Segmenter::Rules rules;
  rules.aim = ticks(settings().fragment);
  rules.longest = rules.aim * 2;
  rules.most_bytes = static_cast<std::size_t>(outlet_.vhost->hls.memory_per_stream / least_segments);
  return rules;
}

std::string DashOutput::folder() const {
  const std::string_view path = path_;
  return std::string(path.ends_with(".mpd") ? path.substr(0, path.size() - 4) : path) + "/";
}

ItemRef DashOutput::put(const std::string& path, base::SharedBytes bytes, const char* type) {
  auto item = std::make_shared<Item>();
  item->place = outlet_.place_of(path);
  item->type = type;
  item->bytes = std::move(bytes);
  if (item->bytes.size() >= KernelCopy::least_bytes) item->copy = std::make_shared<KernelCopy>();
  item->cache_control = "public, max-age=60";
  item->etag = new_etag();
  pending_.added.push_back(item);
  if (outlet_.disk) outlet_.disk->write(path, item->bytes);
  return item;
}

void DashOutput::on_begin(const media::Tracks& tracks, bool fresh, bool discontinuity, WallTime) {
  if (!fresh && !discontinuity) return;
  tracks_ = tracks;
  period_begun_ = false;
}

// A manifest has one period: what was before it is on the shelf for a while, but not told of any more.
void DashOutput::begin_period() {
  while (!segments_.empty()) {
    bytes_ -= segments_.front().bytes;
    lingering_.push_back(std::move(segments_.front()));
    segments_.pop_front();
  }
  const Pieces pieces = segmenter_->packer().init();
  drop_inits();
  lanes_.clear();
  period_ = next_number_;
  for (const media::Track& track : tracks_) {
    const auto piece = std::find_if(pieces.begin(), pieces.end(), [&](const Piece& p) { return p.track == track.id; });
    if (piece == pieces.end()) continue;
    const std::string kind = is_video(track) ? "video" : "audio";
    const auto same = std::count_if(lanes_.begin(), lanes_.end(),
                                    [&](const Lane& lane) { return is_video(lane.track) == is_video(track); });
    Lane lane{.track = track, .id = same == 0 ? kind : fmt::format("{}{}", kind, same + 1)};
    lane.timescale = segmenter_->packer().timescale(track.id);
    lane.init_path = period_ == 0 ? fmt::format("{}{}-init.mp4", folder(), lane.id)
                                  : fmt::format("{}{}-init-{}.mp4", folder(), lane.id, period_);
    inits_.emplace_back(lane.init_path, put(lane.init_path, piece->bytes, init_type));
    lanes_.push_back(std::move(lane));
  }
  period_begun_ = true;
}

void DashOutput::on_segment(CutSegment segment) {
  if (segment.pieces.empty()) return;
  if (!period_begun_) {
    begin_period();
    period_start_ = segment.begin;
  }
  availability_ = segment.date - std::chrono::duration_cast<milliseconds>(segment.begin);
  Kept kept{.number = next_number_, .begin = segment.begin, .duration = segment.duration};
  for (const Piece& piece : segment.pieces) kept.bytes += piece.bytes.size();
  if (!make_room(kept.bytes)) {
    if (const auto times = full_.hit(std::chrono::steady_clock::now())) {
      log::error(outlet_.log, "DASH of {}/{}: a segment is left out: hls_memory_total is reached ({} times)",
                 outlet_.app, outlet_.stream, times);
    }
    return;
  }
  ++next_number_;
  for (const Piece& piece : segment.pieces) {
    const auto lane =
        std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& one) { return one.track.id == piece.track; });
    if (lane == lanes_.end()) continue;
    const std::string path = fmt::format("{}{}-{}.m4s", folder(), lane->id, kept.number);
    kept.entries.push_back({.track = piece.track,
                            .time = {.start = piece.start, .duration = piece.duration},
                            .path = path,
                            .item = put(path, piece.bytes, segment_type)});
  }
  outlet_.budget.take(kept.bytes);
  bytes_ += kept.bytes;
  segments_.push_back(std::move(kept));
  expire();
  publish(true, false);
}

void DashOutput::drop(std::deque<Kept>& from) {
  for (const Entry& entry : from.front().entries) {
    pending_.removed.push_back(entry.item->place);
    if (outlet_.disk && settings().cleanup) outlet_.disk->remove(entry.path);
  }
  outlet_.budget.give(from.front().bytes);
  from.pop_front();
}

void DashOutput::drop_inits() {
  for (const auto& [path, item] : inits_) {
    pending_.removed.push_back(item->place);
    if (outlet_.disk && settings().cleanup) outlet_.disk->remove(path);
  }
  inits_.clear();
}

bool DashOutput::make_room(std::uint64_t bytes) {
  const auto fits = [&] {
    std::uint64_t held = bytes_;
    for (const Kept& kept : lingering_) held += kept.bytes;
    return held + bytes <= outlet_.vhost->hls.memory_per_stream &&
           outlet_.budget.used() + bytes <= outlet_.vhost->hls.memory_total;
  };
  const auto at_ease = [&] { return fits() && outlet_.budget.pressure() == hub::Pressure::none; };
  while (!at_ease() && !lingering_.empty()) drop(lingering_);
  while (!at_ease() && segments_.size() > least_segments) {
    bytes_ -= segments_.front().bytes;
    drop(segments_);
  }
  return fits() && outlet_.budget.pressure() != hub::Pressure::full;
}

void DashOutput::expire() {
  const std::size_t most = std::max<std::size_t>(settings().window_size, least_segments);
  while (segments_.size() > most) {
    bytes_ -= segments_.front().bytes;
    lingering_.push_back(std::move(segments_.front()));
    segments_.pop_front();
  }
  while (lingering_.size() > most) drop(lingering_);
}

dash::Representation DashOutput::representation(const Lane& lane) const {
  const media::CodecParameters& parameters = *lane.track.parameters;
  // Relative to the manifest: the folder beside it.
  const std::string stem = relative_uri(path_, folder());
  dash::Representation told{.id = lane.id,
                            .video = is_video(lane.track),
                            .codecs = mp4::codec_string(parameters),
                            .width = parameters.width,
                            .height = parameters.height,
                            .frame_rate = parameters.frame_rate,
                            .sample_rate = parameters.sample_rate,
                            .channels = parameters.channels,
                            .timescale = lane.timescale,
                            .initialization = relative_uri(path_, lane.init_path),
                            .media = stem + lane.id + "-$Number$.m4s"};
  bool first = true;
  for (const Kept& kept : segments_) {
    const auto entry = std::find_if(kept.entries.begin(), kept.entries.end(),
                                    [&](const Entry& one) { return one.track == lane.track.id; });
    if (entry == kept.entries.end()) continue;
    if (std::exchange(first, false)) told.first_number = kept.number;
    const std::uint64_t bytes = entry->item->bytes.size();
    if (entry->time.duration > 0) {
      told.bandwidth_bps = std::max(told.bandwidth_bps, bytes * 8 * lane.timescale / entry->time.duration);
    }
    // Fragments of one track follow one another: a rounded time is no gap.
    if (!told.segments.empty() && entry->time.start > told.segments.back().start &&
        entry->time.start < told.segments.back().start + told.segments.back().duration + lane.timescale) {
      told.segments.back().duration = entry->time.start - told.segments.back().start;
    }
    told.segments.push_back(entry->time);
  }
  return told;
}

dash::Mpd DashOutput::manifest(bool ended, std::string_view query) const {
  dash::Mpd mpd;
  mpd.availability_start = availability_;
  mpd.published = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  mpd.update_period = std::min(ticks(settings().update_period), segmenter_target_);
  mpd.period_start = period_start_;
  mpd.period_id = period_;
  mpd.clock_url = relative_uri(path_, path_) + "?time=now";
  Ticks window{};
  mpd.longest_segment = Ticks{};
  for (const Kept& kept : segments_) {
    window += kept.duration;
    mpd.longest_segment = std::max(mpd.longest_segment, kept.duration);
  }
  mpd.time_shift = std::min(ticks(settings().timeshift), window);
  mpd.delay = mpd.longest_segment * 2;
  Ticks end = segments_.back().begin + segments_.back().duration;
  for (const Lane& lane : lanes_) {
    auto told = representation(lane);
    if (told.segments.empty()) continue;
    const auto [start, duration] = told.segments.back();
    end = std::max(end, Ticks(static_cast<std::int64_t>((start + duration) * 90'000 / lane.timescale + 1)));
    told.initialization += query;
    told.media += query;
    mpd.representations.push_back(std::move(told));
  }
  if (ended) mpd.duration = end;
  return mpd;
}

void DashOutput::publish(bool live, bool ended) {
  if (segmenter_) segmenter_target_ = segmenter_->target();
  const std::string text = dash::write_mpd(manifest(ended, {}));
  auto listing = std::make_shared<Listing>();
  listing->place = place_;
  listing->app = outlet_.app;
  listing->stream = outlet_.stream;
  listing->key = outlet_.key;
  listing->type = "application/dash+xml";
  listing->dash = true;
  listing->home = outlet_.home;
  listing->live = live;
  listing->target = std::chrono::duration_cast<milliseconds>(segmenter_target_);
  for (const Kept& kept : segments_) listing->length += std::chrono::duration_cast<milliseconds>(kept.duration);
  listing->progress = {.next_sequence = next_number_, .ended = ended};
  listing->full = make_page(text, true);
  if (outlet_.guarded) {
    const std::string own = "?hls_ctx=" + std::string(session_mark);
    listing->full_own = make_page(dash::write_mpd(manifest(ended, own)), false);
  }
  if (outlet_.disk) outlet_.disk->replace(path_, base::SharedBytes::copy_of(base::as_bytes(text)));
  pending_.place = place_;
  pending_.listing = std::move(listing);
  outlet_.broadcast(std::make_shared<const Update>(std::exchange(pending_, {})));
}

void DashOutput::leave(bool end) {
  segmenter_ = nullptr;
  if (!segments_.empty()) publish(false, end);
}

std::vector<std::string> DashOutput::files() const {
  if (!outlet_.disk || !settings().cleanup || settings().dispose.count() == 0) return {};
  std::vector<std::string> paths{path_};
  for (const auto* segments : {&segments_, &lingering_}) {
    for (const Kept& kept : *segments) {
      for (const Entry& entry : kept.entries) paths.push_back(entry.path);
    }
  }
  for (const auto& [path, item] : inits_) paths.push_back(path);
  return paths;
}

void DashOutput::abandon() {
  while (!segments_.empty()) {
    bytes_ -= segments_.front().bytes;
    drop(segments_);
  }
  while (!lingering_.empty()) drop(lingering_);
  drop_inits();
  period_begun_ = false;
  outlet_.broadcast(std::make_shared<const Update>(std::exchange(pending_, {})));
}

void DashOutput::remove(bool files) {
  if (!files) outlet_.disk = nullptr;
  if (outlet_.disk && settings().cleanup) outlet_.disk->remove(path_);
  pending_.place = place_;
  pending_.gone = true;
  pending_.added.clear();
  abandon();
}

}  // namespace weir::session::hls
