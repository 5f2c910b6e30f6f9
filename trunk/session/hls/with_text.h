#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "format/hls/webvtt.h"
#include "session/hls/hls_output.h"

namespace weir::session::hls {

// The HLS of a stream, and beside it a playlist of what its publisher says in words (onTextData), in WebVTT, cut at the
// same moments. It begins with the first word. Lives on the stream's home worker.
class WithText final : public Output {
 public:
  using Left = std::function<std::shared_ptr<const Window>(const std::string& place)>;
  // `left`: what a publisher before left at a place; null for nothing.
  WithText(Outlet outlet, std::unique_ptr<Output> inner, Left left);

  // From that moment on, until something else is said, or for as long as it takes to read; empty: nothing any more.
  void say(base::Ticks at, std::string text);

  const std::string& place() const override { return inner_->place(); }
  void follow(const Segmenter& segmenter) override;
  void leave(bool end) override;
  std::vector<std::string> files() const override;
  void abandon() override;
  void remove(bool files) override;
  bool empty() const override { return inner_->empty(); }
  std::uint64_t segments() const override { return inner_->segments(); }
  void tell_texts(std::vector<::weir::hls::Text> texts) override { inner_->tell_texts(std::move(texts)); }

  void on_begin(const media::Tracks& tracks, const Begin& begin) override;
  void on_part(CutPart part) override { inner_->on_part(std::move(part)); }
  void on_segment(CutSegment segment) override;
  void on_cue(const CutCue& cue) override { inner_->on_cue(cue); }

 private:
  void begin_text();

  // given
  Outlet outlet_;
  Left left_;
  const Segmenter* segmenter_ = nullptr;

  // owned
  std::unique_ptr<Output> inner_;
  std::unique_ptr<HlsOutput> text_;  // null: nothing was said yet

  // state
  std::vector<::weir::hls::TextCue> cues_;  // by time
  Begin open_;
};

// What a data message says to be shown; none for other messages.
std::optional<std::string> text_of_message(base::Bytes script_data);

}  // namespace weir::session::hls
