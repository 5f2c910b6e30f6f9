#include <algorithm>

#include "session/hls/disk.h"
#include "session/hls/hls_output.h"

// How long segments stay: in the playlist, then for those who still ask for them, and as files.

namespace weir::session::hls {

using base::Ticks;

namespace {

constexpr int most_windows = 10;                        // as long may a playlist get for the sake of a key frame in it
constexpr auto longest_event = std::chrono::hours(24);  // of a playlist that keeps all

}  // namespace

void HlsOutput::drop(std::deque<Kept>& from) {
  Kept& oldest = from.front();
  for (const ItemRef& item : oldest.items) pending_.removed.push_back(item->place);
  for (const ItemRef& item : oldest.parts) pending_.removed.push_back(item->place);
  const bool last_of_key = oldest.key && (!key_ || key_->item != oldest.key) &&
                           (from.size() < 2 || from[1].key != oldest.key) &&
                           (&from != &lingering_ || window_.segments.empty() || from.size() > 1 ||
                            window_.segments.front().key != oldest.key);
  if (last_of_key) {
    pending_.removed.push_back(oldest.key->place);
    if (outlet_.keys_disk && settings().cleanup)
      outlet_.keys_disk->remove(oldest.key->place.substr(outlet_.vhost->name.size() + 1));
  }
  if (outlet_.disk && settings().cleanup) {
    for (const std::string& file : oldest.files) outlet_.disk->remove(file);
  }
  outlet_.budget.give(oldest.held);
  lingering_length_ -= oldest.told.duration;
  lingering_held_ -= oldest.held;
  from.pop_front();
}

void HlsOutput::drop(const Init& init) {
  pending_.removed.push_back(init.item->place);
  if (outlet_.disk && settings().cleanup) outlet_.disk->remove(init.path);
}

// Of tracks that changed again before they made a segment.
void HlsOutput::drop_unused_init() {
  if (!map_ || window_.inits.empty() || window_.inits.back().uri != map_->uri) return;
  const bool used = !window_.segments.empty() && window_.segments.back().told.map &&
                    window_.segments.back().told.map->uri == map_->uri;
  if (used) return;
  std::erase(pending_.added, window_.inits.back().item);
  drop(window_.inits.back());
  window_.inits.pop_back();
}

void HlsOutput::retire_oldest() {
  Kept& oldest = window_.segments.front();
  if (Settled& settled = window_.settled; settled.segments != 0) {  // the next is the first now, and told anew
    const Kept& next = window_.segments[1];
    settled.lines.drop(next.lines_bytes);
    settled.own.drop(next.own_bytes);
    settled.pictures.drop(next.pictures_bytes);
    settled.pictures_own.drop(next.pictures_own_bytes);
    --settled.segments;
  }
  sums_.drop(oldest);
  forget_ranges(oldest);
  lingering_length_ += oldest.told.duration;
  lingering_held_ += oldest.held;
  if (oldest.told.discontinuity) ++window_.discontinuities_gone;
  window_.held -= oldest.held;
  window_.whole = false;
  lingering_.push_back(std::move(oldest));
  window_.segments.pop_front();
}

// The oldest segment in memory that the disk has too is from now on answered from there. Those that players are about
// to ask for stay. False if there is none.
bool HlsOutput::put_away() {
  const auto& front = lingering_.empty() ? window_.segments : lingering_;
  if (front.empty()) return false;
  put_away_ = std::max(put_away_, front.front().number);
  const std::size_t told = window_.segments.size(), last = lingering_.size() + told - std::min(told, least_segments);
  for (std::uint64_t number = put_away_; number - front.front().number < last; ++number) {
    const auto at = static_cast<std::size_t>(number - front.front().number);
    const bool in_window = at >= lingering_.size();
    Kept& kept = in_window ? window_.segments[at - lingering_.size()] : lingering_[at];
    if (kept.held == 0 && number == put_away_) ++put_away_;
    if (kept.held == 0 || !kept.on_disk || !*kept.on_disk) continue;
    (in_window ? window_.held : lingering_held_) -= kept.held;
    for (const ItemRef& part : kept.parts) pending_.removed.push_back(part->place);
    kept.parts.clear();
    kept.told.parts.clear();
    kept.items.front() = on_disk_alone(*kept.items.front(), settings().path);
    pending_.added.push_back(kept.items.front());
    outlet_.budget.give(std::exchange(kept.held, 0));
    return true;
  }
  return false;
}

// Memory for another segment: first from what the disk has, then from what players have no claim to, then from the
// window, which gets shorter.
bool HlsOutput::make_room(std::uint64_t bytes) {
  const config::Hls& given = settings();
  const auto fits = [&] {
    return window_.held + lingering_held_ + bytes <= given.memory_per_stream &&
           outlet_.budget.used() + bytes <= given.memory_total;
  };
  const auto at_ease = [&] { return fits() && outlet_.budget.pressure() == hub::Pressure::none; };
  while (!at_ease() && put_away()) continue;
  if (at_ease()) return true;
  while (!at_ease() && !lingering_.empty()) drop(lingering_);
  const std::size_t before = window_.segments.size();
  while (!at_ease() && window_.segments.size() > least_segments) {
    retire_oldest();
    drop(lingering_);
  }
  if (window_.segments.size() != before) tell_short_window();
  // Short of memory the window is as short as a playlist may be; only in the last need there is none.
  return fits() && outlet_.budget.pressure() != hub::Pressure::full;
}

void HlsOutput::tell_short_window() {
  const auto times = short_.hit(std::chrono::steady_clock::now());
  if (times == 0) return;
  log::warn(
      outlet_.log, "HLS of {}/{}: players may go back {} s and not the {} s of hls_window: {} is reached{} ({} times)",
      outlet_.app, outlet_.stream, sums_.length().count() / 90'000,
      std::chrono::duration_cast<std::chrono::seconds>(settings().window).count(),
      outlet_.budget.pressure() != hub::Pressure::none ? "memory_budget" : "hls_memory_per_stream or hls_memory_total",
      outlet_.disk ? "" : "; with hls_to_disk the older ones would be files", times);
}

// Whatever their length: a playlist is written anew for each segment, so it must not grow with the number of short
// ones.
std::size_t HlsOutput::most_segments() const {
  constexpr std::size_t spare = 64;  // cut early for a key frame, or broken off
  return static_cast<std::size_t>(2 * length() / settings().fragment) + spare;
}

// Of the playlist, to aim at.
std::chrono::milliseconds HlsOutput::length() const {
  return settings().playlist_type == config::Hls::PlaylistType::event ? longest_event : settings().window;
}

void HlsOutput::expire() {
  // What is left when the oldest goes must still fill hls_window.
  while (window_.segments.size() > most_segments()) retire_oldest();
  while (lingering_.size() > most_segments()) drop(lingering_);
  const Ticks wanted =
      std::max(std::chrono::duration_cast<Ticks>(this->length()), window_.target * static_cast<int>(least_segments));
  // Who begins to play needs a key frame, so the last segment with one stays although the window is shorter.
  const auto entry = std::find_if(window_.segments.rbegin(), window_.segments.rend(), [this](const Kept& kept) {
    return kept.independent && (!kept.told.gap || is_sound());
  });
  const std::size_t needed_from =
      entry == window_.segments.rend() ? 0 : static_cast<std::size_t>(entry - window_.segments.rbegin()) + 1;
  while (window_.segments.size() > least_segments && sums_.length() - window_.segments.front().told.duration > wanted) {
    if (window_.segments.size() <= needed_from && sums_.length() < wanted * most_windows) break;
    retire_oldest();
  }
  // 6.2.2: a segment stays as long as the longest playlist that named it lasts.
  while (!lingering_.empty() && lingering_length_ - lingering_.front().told.duration > wanted) drop(lingering_);
  // They are used in their order: the oldest segment that has one tells which is the first that is needed.
  const auto oldest_map = [this]() -> const ::weir::hls::Map* {
    for (const auto* segments : {&lingering_, &window_.segments}) {
      for (const Kept& kept : *segments) {
        if (kept.told.map) return &*kept.told.map;
      }
    }
    return nullptr;
  };
  const ::weir::hls::Map* const oldest = window_.inits.empty() ? nullptr : oldest_map();
  const auto needed = [&](const Init& init) {
    return (map_ && map_->uri == init.uri) || (oldest && oldest->uri == init.uri);
  };
  while (!window_.inits.empty() && !needed(window_.inits.front())) {
    drop(window_.inits.front());
    window_.inits.erase(window_.inits.begin());
  }
  settle();
}

void HlsOutput::write_lines(Kept& kept, const ::weir::hls::Segment* before) const {
  static const ::weir::hls::Segment nothing;
  const auto lines = [&](const ::weir::hls::WriteOptions& options) {
    return std::make_shared<const std::string>(
        ::weir::hls::segment_lines(kept.told, before ? *before : nothing, options));
  };
  kept.lines = lines({});
  if (has_own()) kept.lines_own = lines(own_options());
}

std::vector<std::string> HlsOutput::files() const {
  if (!outlet_.disk || !settings().cleanup || settings().dispose.count() == 0) return {};
  std::vector<std::string> paths{path_};
  for (const auto* segments : {&window_.segments, &lingering_}) {
    for (const Kept& kept : *segments) paths.insert(paths.end(), kept.files.begin(), kept.files.end());
  }
  for (const Init& init : window_.inits) paths.push_back(init.path);
  if (has_pictures_) paths.push_back(pictures_path());
  return paths;
}

void HlsOutput::abandon() {
  while (!lingering_.empty()) drop(lingering_);
  if (!pending_.removed.empty()) outlet_.broadcast(std::make_shared<const Update>(std::exchange(pending_, {})));
}

void HlsOutput::remove(bool files) {
  if (!files) outlet_.disk = nullptr;
  while (!window_.segments.empty()) retire_oldest();
  while (!lingering_.empty()) drop(lingering_);
  for (const Init& init : window_.inits) drop(init);
  // Names that were given are not given again.
  Window next;
  next.next_number = window_.next_number;
  next.next_init = window_.next_init;
  window_ = std::move(next);
  map_.reset();
  key_.reset();
  Update update = std::exchange(pending_, {});
  update.added.clear();
  update.place = place_;
  update.gone = true;
  if (outlet_.disk && settings().cleanup) outlet_.disk->remove(path_);
  outlet_.broadcast(std::make_shared<const Update>(std::move(update)));
  remove_pictures();
}

}  // namespace weir::session::hls
