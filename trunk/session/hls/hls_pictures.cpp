#include <algorithm>

#include "format/mp4/sample_entry.h"
#include "session/hls/disk.h"
#include "session/hls/hls_output.h"

// The playlist of key frames alone (RFC 8216bis 4.4.3.6), for players that show pictures while their viewers seek: the
// first picture of each segment, as a range of its bytes. It is said anew with each segment, and beside the other one.

namespace weir::session::hls {

namespace m3u8 = ::weir::hls;

namespace {

// A segment as its first picture. One without is missing here, so that numbers are those of the other playlist.
m3u8::Segment picture_of(const Kept& kept) {
  m3u8::Segment told = kept.told;
  told.parts.clear();
  told.lines.reset();
  if (kept.picture_bytes == 0) {
    told.gap = true;
  } else {
    told.range = m3u8::ByteRange{.length = kept.picture_bytes, .offset = 0};
  }
  return told;
}

}  // namespace

std::string HlsOutput::pictures_path() const {
  const std::string_view path = path_;
  return std::string(path.substr(0, path.rfind(".m3u8"))) + "~iframes.m3u8";
}

void HlsOutput::write_picture_lines(Kept& kept, const Kept* before) const {
  const m3u8::Segment told = picture_of(kept), last = before ? picture_of(*before) : m3u8::Segment();
  const auto lines = [&](const m3u8::WriteOptions& options) {
    return std::make_shared<const std::string>(m3u8::segment_lines(told, last, options));
  };
  kept.picture_lines = lines({});
  if (has_own()) kept.picture_lines_own = lines(own_options());
}

m3u8::MediaPlaylist HlsOutput::pictures(bool ended, bool own) const {
  m3u8::MediaPlaylist list;
  list.pictures = true;
  list.target_duration = m3u8::target_duration_of(window_.target);
  list.media_sequence = window_.segments.front().number;
  list.discontinuity_sequence = window_.discontinuities_gone;
  list.ended = ended;
  const std::size_t settled = window_.settled.segments;
  if (settled != 0) list.between = {.segments = settled, .last = picture_of(window_.segments[settled])};
  list.segments.reserve(window_.segments.size() - settled);
  for (std::size_t i = 0; i < window_.segments.size(); i += i == 0 ? 1 + settled : 1) {
    const Kept& kept = window_.segments[i];
    const auto& lines = own ? kept.picture_lines_own : kept.picture_lines;
    if (list.segments.empty() || !lines) {  // those from the disk have none
      list.segments.push_back(picture_of(kept));
    } else {
      list.segments.emplace_back().lines = lines;
    }
  }
  return list;
}

void HlsOutput::publish_pictures(bool live, bool ended) {
  count_pictures();
  if (pictures_.uri.empty()) return remove_pictures();
  has_pictures_ = true;
  auto listing = std::make_shared<Listing>();
  listing->place = outlet_.place_of(pictures_path());
  listing->app = outlet_.app;
  listing->stream = outlet_.stream;
  listing->key = outlet_.key;
  listing->main = rendition_ ? rendition_->main : place_;
  listing->length = settings().window;
  listing->target = std::chrono::seconds(m3u8::target_duration_of(window_.target));
  listing->home = outlet_.home;
  listing->live = live;
  listing->progress = {.next_sequence = window_.next_number, .ended = ended};
  listing->full = page(pictures(ended, false), {}, false);
  if (has_own()) {
    listing->full_own = page(pictures(ended, true), own_options(), false);
  }
  if (outlet_.disk) outlet_.disk->replace(pictures_path(), listing->full.plain, listing->full.rest);
  Update update;
  update.place = listing->place;
  update.listing = std::move(listing);
  outlet_.broadcast(std::make_shared<const Update>(std::move(update)));
}

// What a variant says of them; nothing while there are none.
void HlsOutput::count_pictures() {
  const std::uint64_t most = sums_.most_of_pictures();
  const auto track = std::find_if(tracks_.begin(), tracks_.end(), [this](const media::Track& one) {
    return media::kind_of(one.parameters->codec) == media::Kind::video && (!rendition_ || rendition_->track == one.id);
  });
  if (most == 0) {
    pictures_ = {};
    return;
  }
  pictures_.uri = listed_uri(settings(), pictures_path());
  pictures_.bandwidth_bps = most;
  if (track == tracks_.end()) return;
  pictures_.codec =
      mp4::codec_string(*track->parameters, fmp4() ? mp4::Container::mp4 : mp4::Container::transport_stream);
}

void HlsOutput::remove_pictures() {
  if (!std::exchange(has_pictures_, false)) return;
  if (outlet_.disk && settings().cleanup) outlet_.disk->remove(pictures_path());
  Update update;
  update.place = outlet_.place_of(pictures_path());
  update.gone = true;
  outlet_.broadcast(std::make_shared<const Update>(std::move(update)));
}

}  // namespace weir::session::hls
