#include "base/text.h"
#include "format/mp4/picture.h"
#include "format/mp4/sample_entry.h"
#include "session/common/path_pattern.h"
#include "session/hls/disk.h"
#include "session/hls/hls_output.h"

// What is told to players: playlists, made once for all of them.

namespace weir::session::hls {

namespace m3u8 = ::weir::hls;
using base::Ticks;

m3u8::WriteOptions HlsOutput::own_options() const { return {.query = own_query, .key_and_map_too = outlet_.guarded}; }

m3u8::MediaPlaylist HlsOutput::playlist(bool ended, bool own) const {
  m3u8::MediaPlaylist list;
  list.target_duration = m3u8::target_duration_of(window_.target);
  list.media_sequence = window_.segments.front().number;
  list.discontinuity_sequence = window_.discontinuities_gone;
  list.independent_segments = sums_.independent();
  list.between = between();
  const std::size_t settled = window_.settled.segments;
  list.segments.reserve(window_.segments.size() - settled);
  const auto lines = [own](const Kept& one) -> const auto& { return own ? one.lines_own : one.lines; };
  for (std::size_t i = 0; i < window_.segments.size(); i += i == 0 ? 1 + settled : 1) {
    const Kept& kept = window_.segments[i];
    if (i != 0 && lines(kept) && i + 1 < window_.segments.size() && lines(window_.segments[i + 1])) {
      list.segments.emplace_back().duration = kept.told.duration;
      list.segments.back().ranges = kept.told.ranges;
    } else {
      list.segments.push_back(kept.told);
    }
    list.segments.back().lines = lines(kept);
  }
  list.ended = ended;
  list.event = settings().playlist_type == config::Hls::PlaylistType::event && window_.whole;
  if (window_.part_target <= Ticks{}) return list;
  list.low_latency = m3u8::LowLatency{.part_target = window_.part_target, .can_skip = true};
  list.removed_ranges = removed_ranges();
  if (ended) return list;
  list.open_parts = open_told_;
  list.open_ranges = open_ranges_;
  list.open_discontinuity = open_.discontinuity;
  if (open_.dated) list.open_date_time = open_.date;
  list.open_map = map_;
  list.preload_hint = prefixed_uri(settings().entry_prefix, path_, part_path(open_told_.size()));
  const bool open = !open_told_.empty();
  const std::size_t parts = open ? open_told_.size() : window_.segments.back().told.parts.size();
  for (const std::string& path : beside_) {
    m3u8::RenditionReport report{.uri = relative_uri(path_, path),
                                 .last_sequence = window_.next_number - (open ? 0 : 1)};
    if (parts > 0) report.last_part = parts - 1;
    list.reports.push_back(std::move(report));
  }
  return list;
}

m3u8::MediaPlaylist::Between HlsOutput::between() const {
  const std::size_t settled = window_.settled.segments;
  if (settled == 0) return {};
  m3u8::MediaPlaylist::Between between{.segments = settled, .last = window_.segments[settled].told};
  const std::uint64_t first = window_.segments.front().number;
  for (const auto& [number, range] : ranges_) {
    if (number > first && number <= first + settled) between.ranges.push_back(&range);
  }
  return between;
}

Page HlsOutput::page(const m3u8::MediaPlaylist& list, const m3u8::WriteOptions& options, bool compress) const {
  m3u8::MediaText text = m3u8::write_around(list, options);
  const Lines none;
  const Settled& settled = window_.settled;
  const bool own = !options.query.empty();
  const Lines& lines = list.pictures ? own ? settled.pictures_own : settled.pictures
                       : own         ? settled.own
                                     : settled.lines;
  return make_page(std::move(text.begin), text.whole ? lines : none, text.end, compress);
}

void HlsOutput::publish(bool live, bool ended) {
  const m3u8::MediaPlaylist list = playlist(ended, false);
  auto listing = std::make_shared<Listing>();
  listing->place = place_;
  listing->app = outlet_.app;
  listing->stream = outlet_.stream;
  listing->key = outlet_.key;
  listing->length = settings().window;
  listing->home = outlet_.home;
  listing->live = live;
  listing->low_latency = list.low_latency.has_value();
  listing->target = std::chrono::seconds(list.target_duration);
  listing->progress = {.next_sequence = window_.next_number,
                       .open_parts = list.open_parts.size(),
                       .last_parts = window_.segments.back().told.parts.size(),
                       .part_target = window_.part_target,
                       .ended = ended};
  if (listing->low_latency && !ended) listing->hint = outlet_.place_of(part_path(open_told_.size()));
  if (rendition_) listing->main = rendition_->main;
  const bool sessions = settings().ctx && !rendition_;
  listing->full = page(list, {}, true);
  if (listing->low_latency) {
    listing->delta = page(list, {.skip = true}, true);
    listing->delta_v2 = page(list, {.skip = true, .skip_ranges = true}, true);
  }
  if (has_own()) {
    const m3u8::MediaPlaylist marked = playlist(ended, true);
    m3u8::WriteOptions options = own_options();
    listing->full_own = page(marked, options, false);
    options.skip = listing->low_latency;
    if (listing->low_latency) listing->delta_own = page(marked, options, false);
    options.skip_ranges = true;
    if (listing->low_latency) listing->delta_v2_own = page(marked, options, false);
  }
  if (outlet_.disk && !list.low_latency) {
    outlet_.disk->replace(path_, listing->full.plain, listing->full.rest);
  } else if (outlet_.disk && open_told_.empty()) {
    m3u8::MediaPlaylist plain = list;  // a file cannot wait, and its parts are in memory only
    plain.low_latency.reset();
    const Page file = page(plain, {}, false);
    outlet_.disk->replace(path_, file.plain, file.rest);
  }
  listing->independent = independent();
  listing->texts = texts_;
  if (!rendition_ && (sessions || !settings().ladder.empty())) listing->variants.push_back(variant());
  if (sessions) {
    m3u8::Variant own = listing->variants.front();
    std::vector<m3u8::Text> texts = texts_;
    for (m3u8::Text& one : texts) one.uri = m3u8::with_query(one.uri, own_query);
    own.uri = m3u8::with_query(own.uri, own_query);
    if (!own.pictures.uri.empty()) own.pictures.uri = m3u8::with_query(own.pictures.uri, own_query);
    listing->master = make_page(
        m3u8::write_master_playlist(
            {.variants = {own}, .sounds = {}, .independent_segments = listing->independent, .texts = std::move(texts)}),
        false);
  }
  if (!live) {
    auto left = std::make_shared<Window>(window_);
    left->ended = ended;
    listing->window = std::move(left);
  }
  pending_.place = place_;
  pending_.listing = std::move(listing);
  outlet_.broadcast(std::make_shared<const Update>(std::exchange(pending_, {})));
}

HlsOutput::Rates HlsOutput::rates() const { return {.most = sums_.most(), .average = sums_.average()}; }

bool HlsOutput::independent() const { return sums_.independent(); }

m3u8::Variant HlsOutput::variant() const {
  m3u8::Variant variant;
  if (segmenter_) variant = describe_variant(tracks_, *segmenter_, fmp4());
  const Rates told = rates();
  variant.bandwidth_bps = std::max<std::uint64_t>(told.most, 1);
  variant.average_bandwidth_bps = told.average;
  variant.uri = listed_uri(settings(), path_);
  variant.pictures = pictures_told();
  if (!texts_.empty()) variant.texts = texts_.front().group;
  return variant;
}

m3u8::Variant describe_variant(const media::Tracks& tracks, const Segmenter& segmenter, bool fmp4) {
  m3u8::Variant variant;
  for (const media::Track& track : tracks) {
    if (!segmenter.packer().carries(track.id)) continue;
    const std::string name =
        mp4::codec_string(*track.parameters, fmp4 ? mp4::Container::mp4 : mp4::Container::transport_stream);
    // Each once: several tracks of sound are mostly of one codec.
    if (!name.empty() && ("," + variant.codecs + ",").find("," + name + ",") == std::string::npos) {
      variant.codecs += (variant.codecs.empty() ? "" : ",") + name;
    }
    if (media::kind_of(track.parameters->codec) != media::Kind::video) continue;
    using Range = m3u8::Variant::Range;
    const codec::Picture picture = mp4::picture_of(*track.parameters);
    variant.range = picture.transfer == codec::Picture::transfer_pq    ? Range::pq
                    : picture.transfer == codec::Picture::transfer_hlg ? Range::hlg
                                                                       : Range::sdr;
    const bool leads = track.id == segmenter.leader();
    variant.closed_captions = segmenter.captions();  // of a further video they are those of the first
    variant.width = track.parameters->width;
    variant.height = track.parameters->height;
    variant.frame_rate = track.parameters->frame_rate;
    if (variant.frame_rate <= 0 && leads) variant.frame_rate = segmenter.frame_rate();
  }
  return variant;
}

std::string listed_uri(const config::Hls& settings, const std::string& path) {
  const std::string folder = settings.master_m3u8_path_relative ? std::string() : "/";
  const std::string_view name =
      settings.master_m3u8_path_relative ? std::string_view(path).substr(path.rfind('/') + 1) : std::string_view(path);
  return folder + relative_uri("", name);
}

void HlsOutput::leave(bool end) {
  segmenter_ = nullptr;
  open_told_.clear();
  open_parts_.clear();
  if (window_.segments.empty()) return;
  if (has_pictures_) publish_pictures(false, end);
  publish(false, end);
}

}  // namespace weir::session::hls
