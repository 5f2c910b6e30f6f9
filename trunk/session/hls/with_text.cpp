#include "session/hls/with_text.h"

#include <algorithm>
#include <utility>

#include "format/flv/script_data.h"
#include "format/ts/muxer.h"

namespace weir::session::hls {

namespace m3u8 = ::weir::hls;
using base::Ticks;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_words = 1'000, longest_text = 4'096;
constexpr std::string_view text_suffix = "~text";

// As long as it takes to read.
Ticks reading_time(std::string_view text) {
  const auto length = std::chrono::milliseconds(1'500 + 60 * static_cast<std::int64_t>(text.size()));
  return std::clamp<std::chrono::milliseconds>(length, 2s, 7s);
}

}  // namespace

std::optional<std::string> text_of_message(base::Bytes script_data) {
  if (flv::script_data_name(script_data) != "onTextData") return {};
  const auto message = flv::parse_script_data(script_data, 100);
  if (!message) return {};
  const amf0::Value* const text = message->value.find("text");
  if (!text || !text->is_text() || text->as_text().size() > longest_text) return {};
  return std::string(text->as_text());
}

WithText::WithText(Outlet outlet, std::unique_ptr<Output> inner, Left left)
    : outlet_(std::move(outlet)), left_(std::move(left)), inner_(std::move(inner)) {}

void WithText::begin_text() {
  Rendition rendition{.track = media::TrackId::data,
                      .sound = true,
                      .text = true,
                      .suffix = std::string(text_suffix),
                      .main = inner_->place()};
  const std::string path =
      HlsOutput::playlist_path(*outlet_.vhost, outlet_.app, outlet_.stream + std::string(text_suffix));
  std::shared_ptr<const Window> window = left_(outlet_.place_of(path));
  if (!window || window->next_number != inner_->segments()) {
    auto fresh = std::make_shared<Window>();
    fresh->next_number = inner_->segments();
    window = std::move(fresh);
  }
  text_ = std::make_unique<HlsOutput>(outlet_, window, std::move(rendition));
  if (!text_->usable()) return text_.reset();
  text_->follow(*segmenter_);
  text_->on_begin({}, open_);
  inner_->tell_texts({{.uri = listed_uri(outlet_.vhost->hls, path), .name = "Text"}});
}

void WithText::say(Ticks at, std::string text) {
  if (!segmenter_) return;
  if (!text_ && !text.empty()) begin_text();
  if (!cues_.empty()) cues_.back().end = std::min(cues_.back().end, std::max(at, cues_.back().begin));
  if (!text_ || text.empty() || cues_.size() == most_words) return;
  const Ticks end = at + reading_time(text);
  cues_.push_back({.begin = at, .end = end, .text = std::move(text)});
}

void WithText::follow(const Segmenter& segmenter) {
  segmenter_ = &segmenter;
  inner_->follow(segmenter);
  if (text_) text_->follow(segmenter);
}

void WithText::on_begin(const media::Tracks& tracks, const Begin& begin) {
  open_ = begin;
  inner_->on_begin(tracks, begin);
  if (text_) text_->on_begin({}, begin);
}

// Its own playlist first: the other one may be waited for.
void WithText::on_segment(CutSegment segment) {
  if (text_ && !segment.pieces.empty()) {
    const Ticks from = segment.begin, to = from + segment.duration;
    const Ticks shift = outlet_.vhost->hls.use_fmp4 ? Ticks{} : ts::Muxer::Options{}.offset;
    const std::string words = m3u8::write_webvtt(cues_, from, to, shift);
    std::erase_if(cues_, [to](const m3u8::TextCue& cue) { return cue.end <= to; });
    CutSegment own = segment;
    own.pieces = {{.track = media::TrackId::data, .bytes = base::SharedBytes::copy_of(base::as_bytes(words))}};
    text_->on_segment(std::move(own));
  }
  inner_->on_segment(std::move(segment));
}

void WithText::leave(bool end) {
  segmenter_ = nullptr;
  cues_.clear();
  inner_->leave(end);
  if (text_) text_->leave(end);
}

std::vector<std::string> WithText::files() const {
  std::vector<std::string> all = inner_->files();
  if (!text_) return all;
  auto more = text_->files();
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return all;
}

void WithText::abandon() {
  inner_->abandon();
  if (text_) text_->remove(true);  // the next publisher may have nothing to say
}

void WithText::remove(bool files) {
  inner_->remove(files);
  if (text_) text_->remove(files);
}

}  // namespace weir::session::hls
