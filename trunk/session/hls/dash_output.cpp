#include "session/hls/dash_output.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/dash/ladder.h"
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
constexpr const char* chunk_type = "video/iso.segment";

Ticks in_ticks(milliseconds time) { return std::chrono::duration_cast<Ticks>(time); }

}  // namespace

DashOutput::DashOutput(Outlet outlet, const std::shared_ptr<const DashWindow>& resume) : outlet_(std::move(outlet)) {
  path_ = manifest_path(*outlet_.vhost, outlet_.app, outlet_.stream);
  place_ = outlet_.place_of(path_);
  usable_ = is_safe_path(path_);
  if (!resume) return;
  window_ = *resume;
  outlet_.budget.take(window_.held);
  for (const Segment& kept : window_.segments) segmenter_target_ = std::max(segmenter_target_, kept.duration);
  if (!std::exchange(window_.ended, false)) return;
  while (!window_.segments.empty()) retire_oldest();
  window_.begun = false;
}

std::string DashOutput::manifest_path(const config::Vhost& vhost, std::string_view app, std::string_view stream) {
  std::string path = fill_path(vhost.dash.mpd_file, {.vhost = vhost.name, .app = app, .stream = stream});
  path.erase(0, path.find_first_not_of('/'));
  return path;
}

DashOutput::~DashOutput() {
  outlet_.budget.give(window_.held);
  for (const Segment& kept : lingering_) outlet_.budget.give(kept.held);
}

Segmenter::Rules DashOutput::rules() const {
  Segmenter::Rules rules;
  rules.aim = in_ticks(settings().fragment);
  rules.longest = rules.aim * 2;
  rules.most_bytes = static_cast<std::size_t>(outlet_.vhost->hls.memory_per_stream / least_segments);
  rules.dated = false;
  rules.grid = !settings().ladder.empty() || chunked();
  if (chunked()) {
    rules.part = in_ticks(settings().chunk_duration);
    rules.longest = rules.aim * 3 / 2;  // then the next one is still where its number says
  }
  return rules;
}

std::unique_ptr<Packer> DashOutput::make_packer(const config::Dash& settings) {
  return make_cmaf_packer(settings.low_latency);
}

// Of the manifest that names this one as a rendition, by its ending; its own where it has none.
std::string DashOutput::ladder_path() const {
  const std::string_view name = outlet_.stream;
  for (const std::string& ending : settings().ladder) {
    if (name.size() <= ending.size() || !name.ends_with(ending)) continue;
    return manifest_path(*outlet_.vhost, outlet_.app, name.substr(0, name.size() - ending.size()));
  }
  return path_;
}

std::string DashOutput::folder() const {
  const std::string_view path = path_;
  return std::string(path.ends_with(".mpd") ? path.substr(0, path.size() - 4) : path) + "/";
}

ItemRef DashOutput::put(const std::string& path, base::SharedBytes bytes, const char* type,
                        std::function<void()> written) {
  auto item = std::make_shared<Item>();
  item->place = outlet_.place_of(path);
  item->type = type;
  item->bytes = std::move(bytes);
  item->disposal = outlet_.disposal;
  item->copy = KernelCopy::for_size(item->bytes.size());
  item->cache_control = "public, max-age=60";
  item->etag = new_etag();
  pending_.added.push_back(item);
  if (outlet_.disk) outlet_.disk->write(path, item->bytes, std::move(written));
  return item;
}

void DashOutput::on_begin(const media::Tracks& tracks, const Begin& begin) {
  open_ = begin;
  if (begin.fresh || begin.discontinuity) {
    tracks_ = tracks;
    period_begun_ = false;
  }
  if (chunked()) open_chunked(begin);
}

void DashOutput::begin_period(Ticks at, WallTime date) {
  period_begun_ = true;
  if (!std::exchange(window_.begun, true)) window_.availability = date;
  // Where it belongs by the clock, so that players stay as far behind as they were; but behind what was there before.
  Period period{.id = window_.next_period++, .media_start = at, .first_number = number_, .next_number = number_};
  period.start = std::max(in_ticks(date - window_.availability), Ticks{});
  if (!window_.segments.empty()) period.start = std::max(period.start, window_.segments.back().end);
  const Pieces pieces = segmenter_->packer().init();
  for (const media::Track& track : tracks_) {
    const auto piece = std::find_if(pieces.begin(), pieces.end(), [&](const Piece& p) { return p.track == track.id; });
    if (piece == pieces.end()) continue;
    const std::string kind = media::is_video(track) ? "video" : "audio";
    const auto same = std::count_if(period.lanes.begin(), period.lanes.end(), [&](const Lane& lane) {
      return media::is_video(lane.track) == media::is_video(track);
    });
    Lane lane{.track = track, .id = same == 0 ? kind : fmt::format("{}{}", kind, same + 1)};
    lane.timescale = segmenter_->packer().timescale(track.id);
    lane.init_path = period.id == 0 ? fmt::format("{}{}-init.mp4", folder(), lane.id)
                                    : fmt::format("{}{}-init-{}.mp4", folder(), lane.id, period.id);
    lane.init = put(lane.init_path, piece->bytes, init_type, nullptr);
    period.lanes.push_back(std::move(lane));
  }
  window_.periods.push_back(std::move(period));
  if (chunked()) tell_closed(true);
}

// What a segment's name has before its number. Numbers of low latency follow from the time, which another publisher may
// have again.
std::string DashOutput::stem_of(const Lane& lane, std::uint64_t period) const {
  return chunked() ? fmt::format("{}{}-{}-", folder(), lane.id, period) : fmt::format("{}{}-", folder(), lane.id);
}

std::string DashOutput::path_of(const Lane& lane, std::uint64_t period, std::uint64_t number) const {
  return fmt::format("{}{}.m4s", stem_of(lane, period), number);
}

void DashOutput::add_entry(Segment& to, const Piece& piece) {
  std::vector<Lane>& lanes = window_.periods.back().lanes;
  const auto lane = std::find_if(lanes.begin(), lanes.end(), [&](const Lane& l) { return l.track.id == piece.track; });
  if (lane == lanes.end()) return;
  const std::uint64_t number = chunked() ? number_ : window_.next_numbers[lane->id]++, bytes = piece.bytes.size();
  const std::string path = path_of(*lane, window_.periods.back().id, number);
  if (piece.duration > 0) {
    lane->bandwidth_bps = std::max(lane->bandwidth_bps, bytes * 8 * lane->timescale / piece.duration);
  }
  to.entries.push_back({.lane = static_cast<std::size_t>(lane - lanes.begin()),
                        .number = number,
                        .time = {.start = piece.start, .duration = piece.duration},
                        .path = path,
                        .item = put(path, piece.bytes, chunk_type, [count = to.on_disk] { ++*count; })});
}

void DashOutput::on_segment(CutSegment segment) {
  if (segment.pieces.empty() || left_out_) return;
  Segment kept{.duration = segment.duration, .on_disk = std::make_shared<std::atomic<std::size_t>>(0)};
  for (const Piece& piece : segment.pieces) kept.held += piece.bytes.size();
  if (!make_room(kept.held)) {
    if (const auto times = full_.hit(std::chrono::steady_clock::now())) {
      log::error(outlet_.log, "DASH of {}/{}: a segment is left out: hls_memory_total is reached ({} times)",
                 outlet_.app, outlet_.stream, times);
    }
    if (chunked()) period_begun_ = false;
    return;
  }
  if (!period_begun_) {
    const Ticks late = chunked() ? segment.begin - nominal() : Ticks{};
    begin_period(segment.begin - late, segment.date - std::chrono::duration_cast<milliseconds>(late));
  }
  const Period& period = window_.periods.back();
  kept.period = period.id;
  kept.end = period.start + segment.begin + segment.duration - period.media_start;
  for (const Piece& piece : segment.pieces) add_entry(kept, piece);
  if (chunked()) fill(segment, kept);
  outlet_.budget.take(kept.held);
  window_.held += kept.held;
  window_.segments.push_back(std::move(kept));
  expire();
  publish(true, false);
}

void DashOutput::drop(std::deque<Segment>& from) {
  for (const Entry& entry : from.front().entries) {
    pending_.removed.push_back(entry.item->place);
    if (outlet_.disk && settings().cleanup) outlet_.disk->remove(entry.path);
  }
  outlet_.budget.give(from.front().held);
  from.pop_front();
}

void DashOutput::retire_oldest() {
  window_.held -= window_.segments.front().held;
  lingering_.push_back(std::move(window_.segments.front()));
  window_.segments.pop_front();
}

// Those that no segment belongs to any more.
void DashOutput::drop_periods() {
  const auto oldest = !lingering_.empty()         ? lingering_.front().period
                      : !window_.segments.empty() ? window_.segments.front().period
                                                  : window_.next_period;
  while (!window_.periods.empty() && window_.periods.front().id < oldest) {
    for (const Lane& lane : window_.periods.front().lanes) {
      pending_.removed.push_back(lane.init->place);
      if (outlet_.disk && settings().cleanup) outlet_.disk->remove(lane.init_path);
    }
    window_.periods.pop_front();
  }
}

// As HlsOutput's.
bool DashOutput::put_away() {
  const auto idle = [](const Segment& kept) { return kept.held != 0 && *kept.on_disk == kept.entries.size(); };
  const auto last = window_.segments.size() > least_segments
                        ? window_.segments.end() - static_cast<std::ptrdiff_t>(least_segments)
                        : window_.segments.begin();
  auto found = std::find_if(lingering_.begin(), lingering_.end(), idle);
  if (found == lingering_.end()) {
    found = std::find_if(window_.segments.begin(), last, idle);
    if (found == last) return false;
    window_.held -= found->held;
  }
  for (Entry& entry : found->entries) {
    entry.item = on_disk_alone(*entry.item, settings().path);
    pending_.added.push_back(entry.item);
  }
  outlet_.budget.give(std::exchange(found->held, 0));
  return true;
}

bool DashOutput::make_room(std::uint64_t bytes) {
  const auto fits = [&] {
    std::uint64_t held = window_.held;
    for (const Segment& kept : lingering_) held += kept.held;
    return held + bytes <= outlet_.vhost->hls.memory_per_stream &&
           outlet_.budget.used() + bytes <= outlet_.vhost->hls.memory_total;
  };
  const auto at_ease = [&] { return fits() && outlet_.budget.pressure() == hub::Pressure::none; };
  while (!at_ease() && put_away()) continue;
  while (!at_ease() && !lingering_.empty()) drop(lingering_);
  while (!at_ease() && window_.segments.size() > least_segments) {
    retire_oldest();
    drop(lingering_);
  }
  return fits() && outlet_.budget.pressure() != hub::Pressure::full;
}

void DashOutput::expire() {
  const std::size_t most = std::max<std::size_t>(settings().window_size, least_segments);
  while (window_.segments.size() > most) retire_oldest();
  while (lingering_.size() > most) drop(lingering_);
  drop_periods();
}

// Of a presentation that has `ended` each segment is told with its own times.
dash::Representation DashOutput::representation(const Period& period, std::size_t index, bool ended) const {
  const Lane& lane = period.lanes[index];
  const media::CodecParameters& parameters = *lane.track.parameters;
  // Relative to the manifest: the folder beside it.
  const std::string stem = relative_uri(path_, folder());
  dash::Representation told{.id = lane.id,
                            .video = media::is_video(lane.track),
                            .place = lane.id,
                            .codecs = mp4::codec_string(parameters),
                            .bandwidth_bps = lane.bandwidth_bps,
                            .width = parameters.width,
                            .height = parameters.height,
                            .frame_rate = parameters.frame_rate,
                            .sample_rate = parameters.sample_rate,
                            .channels = parameters.channels,
                            .timescale = lane.timescale,
                            .initialization = relative_uri(path_, lane.init_path),
                            .media = stem + lane.id + "-$Number$.m4s"};
  if (chunked()) told.media = fmt::format("{}{}-{}-$Number$.m4s", stem, lane.id, period.id);
  for (const Segment& kept : window_.segments) {
    if (kept.period != period.id) continue;
    const auto entry =
        std::find_if(kept.entries.begin(), kept.entries.end(), [&](const Entry& one) { return one.lane == index; });
    if (entry == kept.entries.end()) continue;
    if (told.segments.empty()) told.first_number = entry->number;
    told.segments.push_back(entry->time);
  }
  if (chunked() && !ended) told.first_number = period.first_number;
  return told;
}

dash::Mpd DashOutput::manifest(bool ended, std::string_view query) const {
  dash::Mpd mpd;
  mpd.availability_start = window_.availability;
  mpd.published = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  mpd.update_period = std::min(in_ticks(settings().update_period), segmenter_target_);
  if (events_) mpd.events = id3::emsg_scheme;
  mpd.cues = cues_;
  mpd.clock_url = relative_uri(path_, path_) + "?time=now";
  mpd.longest_segment = Ticks{};
  for (const Segment& kept : window_.segments) mpd.longest_segment = std::max(mpd.longest_segment, kept.duration);
  const Segment &oldest = window_.segments.front(), &newest = window_.segments.back();
  mpd.time_shift = std::min(in_ticks(settings().timeshift), newest.end - oldest.end + oldest.duration);
  mpd.delay = mpd.longest_segment * 2;
  if (chunked() && !ended) {
    const Ticks chunk = in_ticks(settings().chunk_duration);
    mpd.low_latency = dash::LowLatency{.segment = in_ticks(settings().fragment), .chunk = chunk};
    mpd.delay = mpd.low_latency->latency = std::max<Ticks>(chunk * 5, std::chrono::milliseconds(1500));
  }
  Ticks end = newest.end;
  for (const Period& period : window_.periods) {
    dash::Period told{.id = period.id, .start = period.start, .media_start = period.media_start};
    for (std::size_t lane = 0; lane < period.lanes.size(); ++lane) {
      auto one = representation(period, lane, ended);
      if (one.segments.empty()) continue;
      const auto [start, duration] = one.segments.back();
      const Ticks last{static_cast<std::int64_t>((start + duration) * 90'000 / one.timescale + 1)};
      if (period.id == newest.period) end = std::max(end, period.start + last - period.media_start);
      one.initialization += query;
      one.media += query;
      told.representations.push_back(std::move(one));
    }
    dash::order_by_set(told.representations, false);
    if (!told.representations.empty()) mpd.periods.push_back(std::move(told));
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
  for (const Segment& kept : window_.segments) {
    listing->length += std::chrono::duration_cast<milliseconds>(kept.duration);
  }
  listing->progress = {.ended = ended};
  listing->ladder = outlet_.place_of(ladder_path());
  if (listing->ladder == place_) listing->ladder.clear();
  if (!settings().ladder.empty()) listing->mpd = std::make_shared<const dash::Mpd>(manifest(ended, {}));
  if (!live) {
    auto left = std::make_shared<DashWindow>(window_);
    left->ended = ended;
    listing->dash_window = std::move(left);
  }
  listing->full = make_page(text, true);
  if (outlet_.guarded) {
    const std::string own = "?hls_ctx=" + std::string(session_mark);
    listing->full_own = make_page(dash::write_mpd(manifest(ended, own)), false);
  }
  if (outlet_.disk) outlet_.disk->replace(path_, base::SharedBytes::copy_of(base::as_bytes(text)));
  if (chunked()) tell_closed(live);
  listing->closed = closed_;
  pending_.place = place_;
  chunks_.clear();
  if (chunked() && live) {
    ++number_;  // it may be asked for a moment before its first chunk is here
    told_ = std::move(listing);
    return tell_growth();
  }
  pending_.listing = std::move(listing);
  outlet_.broadcast(std::make_shared<const Update>(std::exchange(pending_, {})));
}

void DashOutput::leave(bool end) {
  segmenter_ = nullptr;
  told_ = nullptr;
  if (!window_.segments.empty()) publish(false, end);
}

std::vector<std::string> DashOutput::files() const {
  if (!outlet_.disk || !settings().cleanup || settings().dispose.count() == 0) return {};
  std::vector<std::string> paths{path_};
  for (const auto* segments : {&window_.segments, &lingering_}) {
    for (const Segment& kept : *segments) {
      for (const Entry& entry : kept.entries) paths.push_back(entry.path);
    }
  }
  for (const Period& period : window_.periods) {
    for (const Lane& lane : period.lanes) paths.push_back(lane.init_path);
  }
  return paths;
}

void DashOutput::abandon() {
  while (!lingering_.empty()) drop(lingering_);
  if (!pending_.removed.empty()) outlet_.broadcast(std::make_shared<const Update>(std::exchange(pending_, {})));
}

void DashOutput::remove(bool files) {
  if (!files) outlet_.disk = nullptr;
  while (!window_.segments.empty()) retire_oldest();
  while (!lingering_.empty()) drop(lingering_);
  drop_periods();
  // Names that were given are not given again; the next manifest is another presentation.
  DashWindow next;
  next.next_numbers = std::move(window_.next_numbers);
  next.next_period = window_.next_period;
  window_ = std::move(next);
  period_begun_ = false;
  told_ = nullptr;
  if (outlet_.disk && settings().cleanup) outlet_.disk->remove(path_);
  Update update = std::exchange(pending_, {});
  update.added.clear();
  update.place = place_;
  update.gone = true;
  outlet_.broadcast(std::make_shared<const Update>(std::move(update)));
}

}  // namespace weir::session::hls
