#include "session/hls/hls_output.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "base/random.h"
#include "base/text.h"
#include "session/common/path_pattern.h"
#include "session/hls/disk.h"
#include "session/hls/kernel_copy.h"

namespace weir::session::hls {

namespace m3u8 = ::weir::hls;
using base::Ticks;
using std::chrono::milliseconds;

namespace {

constexpr std::int64_t most_floor_ahead = 20;  // of [timestamp] against the clock, in segments

constexpr const char* ts_type = "video/mp2t";
constexpr const char* mp4_type = "video/mp4";
constexpr const char* fmp4_type = "video/iso.segment";
constexpr const char* text_type = "text/vtt";

std::string_view without_suffix(std::string_view path, std::string_view suffix) {
  return path.ends_with(suffix) ? path.substr(0, path.size() - suffix.size()) : path;
}

Ticks to_ticks(milliseconds time) { return std::chrono::duration_cast<Ticks>(time); }
milliseconds millis(Ticks time) { return std::chrono::round<milliseconds>(time); }

}  // namespace

HlsOutput::HlsOutput(Outlet outlet, const std::shared_ptr<const Window>& resume, std::optional<Rendition> rendition)
    : outlet_(std::move(outlet)), rendition_(std::move(rendition)) {
  name_ = rendition_ ? outlet_.stream + rendition_->suffix : outlet_.stream;
  path_ = playlist_path(*outlet_.vhost, outlet_.app, name_);
  place_ = outlet_.place_of(path_);
  usable_ = is_safe_path(path_);
  if (!resume) return;
  window_ = *resume;
  rebuild();
  has_pictures_ = std::any_of(window_.segments.begin(), window_.segments.end(),
                              [](const Kept& kept) { return kept.picture_bytes != 0; });
  const bool from_disk = std::exchange(window_.from_disk, false);
  if (from_disk) {
    for (const Kept& kept : window_.segments) pending_.added.push_back(kept.items.front());
    for (const Init& init : window_.inits) pending_.added.push_back(init.item);
  }
  outlet_.budget.take(window_.held);
  const bool same_format = window_.segments.empty() || window_.segments.back().told.map.has_value() == fmp4();
  if (settings().recover && same_format && !std::exchange(window_.ended, false)) {
    // Low latency has to wait for the length of its parts.
    if (from_disk && !window_.segments.empty() && !settings().low_latency) publish(true, false);
    return;
  }
  while (!window_.segments.empty()) retire_oldest();
  // What is new is settled anew.
  window_.target = window_.part_target = {};
  window_.whole = true;
}

std::string HlsOutput::playlist_path(const config::Vhost& vhost, std::string_view app, std::string_view stream) {
  std::string path = fill_path(vhost.hls.m3u8_file, {.vhost = vhost.name, .app = app, .stream = stream});
  path.erase(0, path.find_first_not_of('/'));
  return path;
}

bool HlsOutput::is_of_a_part(std::string_view stream) {
  const std::size_t mark = stream.rfind('~');
  if (mark == std::string_view::npos || mark == 0) return false;
  std::string_view part = stream.substr(mark + 1);
  part = part.substr(0, part.find_last_not_of("0123456789") + 1);
  return part == "iframes" || part == "video" || part == "audio" || part == "text";
}

HlsOutput::~HlsOutput() {
  outlet_.budget.give(window_.held);
  for (const Kept& kept : lingering_) outlet_.budget.give(kept.held);
}

std::unique_ptr<Packer> HlsOutput::make_packer(const config::Hls& settings) {
  if (settings.use_fmp4) return make_fmp4_packer();
  return make_ts_packer(settings.low_latency, !settings.dts_directly);
}

Segmenter::Rules HlsOutput::rules() const {
  const config::Hls& given = settings();
  const double fragment = std::chrono::duration<double>(given.fragment).count();
  const auto scaled = [](double seconds) { return Ticks(static_cast<std::int64_t>(seconds * 90'000)); };
  Segmenter::Rules rules;
  rules.aim = scaled(fragment * given.td_ratio);
  rules.longest = std::max(scaled(fragment * given.aof_ratio), rules.aim);
  rules.wait_keyframe = given.wait_keyframe;
  rules.part = given.low_latency && !given.keys ? to_ticks(given.part_duration) : Ticks{};
  rules.most_bytes = static_cast<std::size_t>(given.memory_per_stream / least_segments);
  rules.audio = given.acodec != config::Hls::AudioCodec::none;
  rules.video = given.vcodec != config::Hls::VideoCodec::none;
  // Players of one file with more tracks give up: several have a playlist each (Renditions).
  rules.one_video = rules.one_audio = given.use_fmp4;
  // Players that come back to the address of a playlist that ended know the numbers before these.
  rules.continues = window_.next_number > 0;
  // A reload may have made segments longer; then the old target duration cannot hold.
  if (rules.aim <= window_.target) {
    rules.target = window_.target;
    rules.part_target = rules.part > Ticks{} && rules.part <= window_.part_target ? window_.part_target : Ticks{};
  }
  return rules;
}

ItemRef media_item(const config::Vhost& vhost, const std::string& path, base::SharedBytes bytes,
                   std::shared_ptr<Disposal> disposal) {
  auto item = std::make_shared<Item>();
  item->place = vhost.name + "/" + path;
  item->type = path.ends_with(".ts")    ? ts_type
               : path.ends_with(".mp4") ? mp4_type
               : path.ends_with(".vtt") ? text_type
                                        : fmp4_type;
  item->bytes = std::move(bytes);
  item->disposal = std::move(disposal);
  item->copy = KernelCopy::for_size(item->bytes.size());
  item->etag = new_etag();
  // Names come again when a stream begins anew, so not for ever.
  const auto age = std::chrono::ceil<std::chrono::seconds>(vhost.hls.window);
  item->cache_control = "public, max-age=" + std::to_string(age.count());
  return item;
}

void HlsOutput::on_begin(const media::Tracks& tracks, const Begin& begin) {
  open_ = begin;
  open_told_.clear();
  open_parts_.clear();
  if (!begin.fresh) return;
  tracks_ = tracks;
  drop_unused_init();
  map_.reset();  // made with the first of its media, whose rates it tells
}

const Piece* HlsOutput::mine(const Pieces& pieces) const {
  const auto found = rendition_ ? std::find_if(pieces.begin(), pieces.end(),
                                               [this](const Piece& one) { return one.track == rendition_->track; })
                                : pieces.begin();
  return found == pieces.end() ? nullptr : &*found;
}

void HlsOutput::add_init() {
  const Pieces pieces = segmenter_->packer().init();
  const Piece* const piece = mine(pieces);
  if (!piece) return;
  std::string path =
      fill_path(settings().init_file, {.vhost = outlet_.vhost->name, .app = outlet_.app, .stream = name_});
  // Each set of tracks has an initialisation of its own; the first one has the name that was asked for.
  if (const std::uint64_t number = window_.next_init++; number != 0) {
    path = fmt::format("{}-{}.mp4", without_suffix(path, ".mp4"), number);
  }
  const ItemRef item = media_item(*outlet_.vhost, path, piece->bytes, outlet_.disposal);
  map_ = m3u8::Map{.uri = prefixed_uri(settings().entry_prefix, path_, path), .range = {}};
  window_.inits.push_back({map_->uri, path, item});
  pending_.added.push_back(item);
  if (outlet_.disk) outlet_.disk->write(path, item->bytes);
}

void HlsOutput::on_part(CutPart part) {
  if (is_text()) return;
  // The first playlist has to wait for a whole segment: only then the durations are settled.
  const bool told = !window_.segments.empty() && segmenter_->part_target() > Ticks{};
  if (fmp4() && !map_ && told) add_init();
  const Piece* const piece = mine(part.pieces);
  const std::string path = part_path(open_told_.size());
  const bool independent =
      is_beside() ? part.begun_well.has(rendition_->track) && open_parts_.empty() : part.independent || is_sound();
  open_told_.push_back({.uri = prefixed_uri(settings().entry_prefix, path_, path),
                        .duration = part.duration,
                        .independent = piece && independent,
                        .gap = !piece,
                        .range = {}});
  if (piece) {
    open_parts_.push_back(media_item(*outlet_.vhost, path, piece->bytes, outlet_.disposal));
    pending_.added.push_back(open_parts_.back());
  }
  if (told) publish(true, false);
}

// A part that was hinted at belongs to the initialisation of that moment: Shaka Player appends it behind that one. With
// another the name is another, and who waits for the old one is told that it does not come.
std::string HlsOutput::part_path(std::size_t index) const {
  constexpr std::uint64_t parts_of_a_segment = 1'000;
  const std::uint64_t inits = fmp4() && window_.next_init > 0 ? window_.next_init - 1 : 0;
  return fmt::format("{}-{}.{}.{}", without_suffix(path_, ".m3u8"), window_.next_number,
                     inits * parts_of_a_segment + index, fmp4() ? "m4s" : "ts");
}

std::string HlsOutput::name_segment(milliseconds duration) {
  PathValues values{.vhost = outlet_.vhost->name,
                    .app = outlet_.app,
                    .stream = name_,
                    .time = open_.date,
                    .sequence = window_.next_number,
                    .duration = duration};
  if (settings().ts_floor && settings().fragment.count() > 0) {
    const std::int64_t clock = open_.date.time_since_epoch() / settings().fragment;
    const bool lost = floor_timestamp_ < 0 || floor_timestamp_ + 1 - clock > most_floor_ahead ||
                      clock - floor_timestamp_ > most_floor_ahead;
    floor_timestamp_ = lost ? clock : floor_timestamp_ + 1;
    values.timestamp = floor_timestamp_;
  }
  std::string path = fill_path(settings().use_fmp4 ? settings().fmp4_file : settings().ts_file, values);
  if (is_text()) path.replace(std::min(path.rfind('.'), path.size()), std::string::npos, ".vtt");
  return path;
}

void HlsOutput::on_segment(CutSegment segment) {
  const Piece* const piece = mine(segment.pieces);
  if (!piece && !rendition_) return;
  if (fmp4() && !map_) add_init();
  window_.target = segmenter_->target();
  window_.part_target = is_text() ? Ticks{} : segmenter_->part_target();
  open_.date = segment.date;
  Kept kept;
  const std::string path = name_segment(millis(segment.duration));
  base::SharedBytes bytes = piece ? piece->bytes : base::SharedBytes();
  if (encrypts() && piece) {
    if (!key_ || window_.next_number % settings().fragments_per_key == 0) make_key();
    bytes = encrypt(bytes, key_->bytes, key_->vector);
    kept.told.key = key_->told;
    kept.key = key_->item;
  }
  kept.number = window_.next_number;
  kept.independent = is_beside() ? segment.begun_well.has(rendition_->track) : segment.independent || is_sound();
  kept.told.uri = prefixed_uri(settings().entry_prefix, path_, path);
  kept.told.duration = segment.duration;
  kept.told.discontinuity = open_.discontinuity;
  if (segment.dated) kept.told.date_time = segment.date;
  kept.told.map = map_;
  kept.told.parts = std::move(open_told_);
  kept.told.ranges = std::exchange(open_ranges_, {});
  kept.bytes = bytes.size();
  if (piece && kept.independent && !is_sound() && !encrypts()) kept.picture_bytes = piece->picture_bytes;
  if (!piece) {
    kept.told.gap = true;
  } else if (!is_safe_path(path) || !make_room(kept.bytes)) {
    if (const auto times = full_.hit(std::chrono::steady_clock::now())) {
      log::error(outlet_.log, "HLS of {}/{}: segment {} is left out: {} ({} times)", outlet_.app, outlet_.stream, path,
                 is_safe_path(path) ? "hls_memory_total is reached" : "its name cannot be a file's", times);
    }
    kept.told.gap = true;
    kept.told.parts.clear();
    kept.bytes = kept.picture_bytes = 0;
    for (const ItemRef& part : open_parts_) pending_.removed.push_back(part->place);
  } else {
    kept.items.push_back(media_item(*outlet_.vhost, path, bytes, outlet_.disposal));
    pending_.added.push_back(kept.items.back());
    share_parts(kept);
    tell(kept, path);
  }
  open_parts_.clear();
  open_told_.clear();
  if (!is_sound()) write_picture_lines(kept, window_.segments.empty() ? nullptr : &window_.segments.back());
  kept.held = kept.bytes;
  outlet_.budget.take(kept.held);
  window_.held += kept.held;
  keep_ranges(kept);
  sums_.add(kept);
  told_time_ += kept.told.duration;
  window_.segments.push_back(std::move(kept));
  ++window_.next_number;
  expire();
  if (!is_sound()) publish_pictures(true, false);
  publish(true, false);
}

void HlsOutput::make_key() {
  Secret made;
  base::fill_random(made.bytes);
  base::fill_random(made.vector);
  const std::string path =
      fill_path(settings().key_file,
                {.vhost = outlet_.vhost->name, .app = outlet_.app, .stream = name_, .sequence = window_.next_number});
  auto item = std::make_shared<Item>();
  item->place = outlet_.place_of(path);
  item->bytes = base::SharedBytes::copy_of(made.bytes);
  item->cache_control = "private, no-store";
  made.item = item;
  made.told = {.uri = key_uri(path), .iv = base::to_hex(made.vector)};
  pending_.added.push_back(item);
  if (outlet_.keys_disk && is_safe_path(path)) outlet_.keys_disk->write(path, item->bytes);
  key_ = std::move(made);
}

// hls_key_url may have a query, which stays behind the file (SRS #4426). Where it was not written it is hls_path, which
// means nothing to a player: then the key is beside the playlist.
std::string HlsOutput::key_uri(const std::string& path) const {
  const std::string& given = settings().key_url;
  if (given.empty() || given == settings().path) return relative_uri(path_, path);
  const auto [url, query] = base::split_first(given, '?');
  return m3u8::with_query(prefixed_uri(url, path_, path), query);
}

// To the disk, and to whoever waits for complete segments (on_hls).
void HlsOutput::tell(Kept& kept, const std::string& path) {
  SegmentFile file{.path = settings().path + "/" + path,
                   .uri = kept.told.uri,
                   .playlist_path = settings().path + "/" + path_,
                   .playlist_url = path_,
                   .number = kept.number,
                   .duration = kept.told.duration};
  if (!outlet_.disk) return outlet_.on_file(file);
  kept.files.push_back(path);
  kept.on_disk = std::make_shared<std::atomic<bool>>(false);
  outlet_.disk->write(path, kept.items.front()->bytes, [on_file = outlet_.on_file, file, written = kept.on_disk] {
    *written = true;
    on_file(file);
  });
}

// The parts become slices of the segment, so that their bytes are held once.
void HlsOutput::share_parts(Kept& kept) {
  const base::SharedBytes& whole = kept.items.front()->bytes;
  std::size_t at = 0;
  for (const ItemRef& part : open_parts_) {
    const std::size_t size = part->bytes.size();
    if (at + size > whole.size()) break;
    auto slice = std::make_shared<Item>(*part);
    slice->copy.reset();  // its bytes are in the segment's
    slice->bytes = whole.slice(at, size);
    at += size;
    kept.parts.push_back(slice);
    pending_.added.push_back(std::move(slice));
  }
}

}  // namespace weir::session::hls
