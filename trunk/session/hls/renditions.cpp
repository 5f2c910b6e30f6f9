#include "session/hls/renditions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "format/mp4/sample_entry.h"
#include "session/hls/disk.h"

namespace weir::session::hls {

namespace m3u8 = ::weir::hls;

namespace {

constexpr std::size_t most_lanes = 16;

bool is_sound(const media::Track& track) { return media::kind_of(track.parameters->codec) == media::Kind::audio; }

// As players and the names of files count them: from one.
unsigned number_of(media::TrackId id) {
  return id < media::TrackId::further ? 1
                                      : static_cast<unsigned>(id) - static_cast<unsigned>(media::TrackId::further) + 2;
}

Rendition rendition_of(media::TrackId id, bool sound, const std::string& main) {
  std::string suffix = sound ? fmt::format("~audio{}", number_of(id)) : "~video";
  if (!sound && id != media::TrackId::video) suffix += std::to_string(number_of(id));
  return {.track = id, .sound = sound, .suffix = std::move(suffix), .main = main};
}

std::string main_path(const Outlet& outlet) {
  return HlsOutput::playlist_path(*outlet.vhost, outlet.app, outlet.stream);
}

}  // namespace

Renditions::Renditions(Outlet outlet, Left left)
    : outlet_(std::move(outlet)), left_(std::move(left)), path_(main_path(outlet_)), place_(outlet_.place_of(path_)) {}

bool Renditions::wanted(const config::Hls& settings, const media::Tracks& tracks) {
  if (!settings.use_fmp4) return false;
  const auto several = [&tracks](bool (*of)(const media::Track&)) {
    return std::count_if(tracks.begin(), tracks.end(), [of](const media::Track& track) {
             return of(track) && mp4::can_carry(track.parameters->codec);
           }) > 1;
  };
  return (settings.acodec != config::Hls::AudioCodec::none && several(is_sound)) ||
         (settings.vcodec != config::Hls::VideoCodec::none && several(media::is_video));
}

void Renditions::clear(const Outlet& outlet, const Left& left) {
  const std::string main = outlet.place_of(main_path(outlet));
  const auto clear_one = [&](media::TrackId id, bool sound) {
    Rendition rendition = rendition_of(id, sound, main);
    const std::string path = HlsOutput::playlist_path(*outlet.vhost, outlet.app, outlet.stream + rendition.suffix);
    if (const auto window = left(outlet.place_of(path))) HlsOutput(outlet, window, std::move(rendition)).remove(true);
  };
  clear_one(media::TrackId::video, false);
  clear_one(media::TrackId::audio, true);
  for (std::size_t i = 0; i < most_lanes; ++i) {
    const auto id = static_cast<media::TrackId>(static_cast<std::size_t>(media::TrackId::further) + i);
    clear_one(id, true);
    clear_one(id, false);
  }
}

Segmenter::Rules Renditions::rules(const media::Tracks& tracks) const {
  const auto first = std::find_if(tracks.begin(), tracks.end(),
                                  [](const media::Track& track) { return mp4::can_carry(track.parameters->codec); });
  Segmenter::Rules rules = first == tracks.end() ? HlsOutput(outlet_, nullptr).rules() : make_output(*first)->rules();
  rules.one_audio = rules.one_video = false;
  return rules;
}

void Renditions::follow(const Segmenter& segmenter) {
  segmenter_ = &segmenter;
  for (const Lane& lane : lanes_) lane.output->follow(segmenter);
}

// Goes on with what was left; one that comes late has the numbers of the others.
std::unique_ptr<HlsOutput> Renditions::make_output(const media::Track& track) const {
  Rendition rendition = rendition_of(track.id, is_sound(track), place_);
  const std::string path = HlsOutput::playlist_path(*outlet_.vhost, outlet_.app, outlet_.stream + rendition.suffix);
  std::shared_ptr<const Window> window = left_(outlet_.place_of(path));
  if (!lanes_.empty() && (!window || window->next_number != lanes_.front().output->segments())) {
    auto fresh = std::make_shared<Window>();
    fresh->next_number = lanes_.front().output->segments();
    window = std::move(fresh);
  }
  return std::make_unique<HlsOutput>(outlet_, window, std::move(rendition));
}

void Renditions::add_lane(const media::Track& track) {
  if (lanes_.size() >= most_lanes) return;
  auto output = make_output(track);
  if (segmenter_) output->follow(*segmenter_);
  const auto at = is_sound(track) ? lanes_.end() : std::find_if(lanes_.begin(), lanes_.end(), [](const Lane& lane) {
    return is_sound(lane.track);
  });
  lanes_.insert(at, {track, std::move(output)});
  for (const Lane& lane : lanes_) {
    std::vector<std::string> others;
    for (const Lane& other : lanes_) {
      if (&other != &lane) others.push_back(other.output->path());
    }
    lane.output->set_beside(std::move(others));
  }
}

void Renditions::on_begin(const media::Tracks& tracks, const Begin& begin) {
  if (begin.fresh) {
    for (const media::Track& track : tracks) {
      const auto known =
          std::find_if(lanes_.begin(), lanes_.end(), [&track](const Lane& lane) { return lane.track.id == track.id; });
      if (known != lanes_.end()) {
        known->track = track;
      } else if (segmenter_->packer().carries(track.id)) {
        add_lane(track);
      }
    }
  }
  for (const Lane& lane : lanes_) lane.output->on_begin(tracks, begin);
}

void Renditions::on_part(CutPart part) {
  for (const Lane& lane : lanes_) lane.output->on_part(part);
}

void Renditions::on_segment(CutSegment segment) {
  if (segment.pieces.empty()) return;
  for (const Lane& lane : lanes_) lane.output->on_segment(segment);
  publish(true);
}

void Renditions::on_cue(const CutCue& cue) {
  for (const Lane& lane : lanes_) lane.output->on_cue(cue);
}

m3u8::MasterPlaylist Renditions::list() const {
  m3u8::MasterPlaylist list;
  list.independent_segments = true;
  list.texts = texts_;
  media::Tracks heard;
  HlsOutput::Rates sound;
  for (const Lane& lane : lanes_) {
    list.independent_segments = list.independent_segments && lane.output->independent();
    if (!is_sound(lane.track)) continue;
    const HlsOutput::Rates rates = lane.output->rates();
    sound.most = std::max(sound.most, rates.most);
    sound.average = std::max(sound.average, rates.average);
    heard.push_back(lane.track);
    list.sounds.push_back({.uri = listed_uri(outlet_.vhost->hls, lane.output->path()),
                           .name = fmt::format("Audio {}", heard.size()),
                           .channels = lane.track.parameters->channels});
  }
  // 4.4.6.2: with the most that a choice of renditions may come to, and the codecs of all of them.
  const auto add = [&](const Lane& lane, const HlsOutput::Rates& pictures, const media::Tracks& tracks) {
    m3u8::Variant variant;
    if (segmenter_) variant = describe_variant(tracks, *segmenter_, true);
    variant.uri = listed_uri(outlet_.vhost->hls, lane.output->path());
    variant.bandwidth_bps = std::max<std::uint64_t>(pictures.most + sound.most, 1);
    variant.average_bandwidth_bps = pictures.average + sound.average;
    variant.pictures = lane.output->pictures_told();
    if (!list.sounds.empty()) variant.sounds = list.sounds.front().group;
    if (!texts_.empty()) variant.texts = texts_.front().group;
    list.variants.push_back(std::move(variant));
  };
  for (const Lane& lane : lanes_) {
    if (is_sound(lane.track)) break;
    if (segmenter_ && !segmenter_->packer().carries(lane.track.id)) continue;  // it is no more
    media::Tracks tracks{lane.track};
    tracks.insert(tracks.end(), heard.begin(), heard.end());
    add(lane, lane.output->rates(), tracks);
  }
  // Without pictures a variant is the first track of sound.
  if (list.variants.empty()) add(lanes_.front(), {}, heard);
  return list;
}

std::string Renditions::text(m3u8::MasterPlaylist list, bool own) {
  if (own) {
    for (m3u8::Variant& variant : list.variants) {
      variant.uri = m3u8::with_query(variant.uri, own_query);
      if (!variant.pictures.uri.empty()) variant.pictures.uri = m3u8::with_query(variant.pictures.uri, own_query);
    }
    for (m3u8::Sound& one : list.sounds) one.uri = m3u8::with_query(one.uri, own_query);
    for (m3u8::Text& one : list.texts) one.uri = m3u8::with_query(one.uri, own_query);
  }
  return m3u8::write_master_playlist(list);
}

void Renditions::publish(bool live) {
  m3u8::MasterPlaylist now = list();
  std::string plain = text(now, false);
  if (live && plain == told_) return;
  auto listing = std::make_shared<Listing>();
  listing->place = place_;
  listing->app = outlet_.app;
  listing->stream = outlet_.stream;
  listing->key = outlet_.key;
  listing->home = outlet_.home;
  listing->live = live;
  listing->length = outlet_.vhost->hls.window;
  listing->target = outlet_.vhost->hls.fragment;
  listing->full = make_page(plain, true);
  if (outlet_.vhost->hls.ctx || outlet_.guarded) listing->full_own = make_page(text(now, true), false);
  if (outlet_.vhost->hls.ctx) listing->master = listing->full_own;
  if (!outlet_.vhost->hls.ladder.empty()) {
    listing->independent = now.independent_segments;
    listing->variants = std::move(now.variants);
    listing->sounds = std::move(now.sounds);
    listing->texts = std::move(now.texts);
  }
  if (outlet_.disk) outlet_.disk->replace(path_, listing->full.plain);
  told_ = std::move(plain);
  Update update;
  update.place = place_;
  update.listing = std::move(listing);
  outlet_.broadcast(std::make_shared<const Update>(std::move(update)));
}

void Renditions::leave(bool end) {
  segmenter_ = nullptr;
  for (const Lane& lane : lanes_) lane.output->leave(end);
  if (!told_.empty()) publish(false);
}

std::vector<std::string> Renditions::files() const {
  std::vector<std::string> paths;
  for (const Lane& lane : lanes_) {
    auto more = lane.output->files();
    paths.insert(paths.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  if (!paths.empty()) paths.push_back(path_);
  return paths;
}

void Renditions::abandon() {
  for (const Lane& lane : lanes_) lane.output->abandon();
}

void Renditions::remove(bool files) {
  for (const Lane& lane : lanes_) lane.output->remove(files);
  told_.clear();
  if (outlet_.disk && files && outlet_.vhost->hls.cleanup) outlet_.disk->remove(path_);
  Update update;
  update.place = place_;
  update.gone = true;
  outlet_.broadcast(std::make_shared<const Update>(std::move(update)));
}

bool Renditions::empty() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.output->empty(); });
}

}  // namespace weir::session::hls
