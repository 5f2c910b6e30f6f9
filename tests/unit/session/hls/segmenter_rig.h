#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "format/hls/playlist.h"
#include "session/hls/segmenter.h"
#include "support/catch.h"
#include "unit/session/hls/frames.h"

// A segmenter whose packer counts, and what it cut.
namespace weir::test {

using namespace weir::session::hls;
using namespace std::chrono_literals;
using base::Ticks;

// Counts frames in place of packing them.
class CountingPacker final : public Packer {
 public:
  void set_tracks(const media::Tracks& tracks) override { tracks_ = tracks; }
  bool carries(media::TrackId id) const override {
    for (const auto& track : tracks_) {
      if (track.id == id) return true;
    }
    return false;
  }
  bool can_carry(const media::Track& track) const override { return track.parameters->codec != media::Codec::speex; }
  void begin_segment(bool) override { size_ = part_ = 0; }
  void add(const media::Frame& frame) override {
    ++frames;
    size_ += frame.payload.size();
    part_ += frame.payload.size();
  }
  void add_event(const id3::Event&) override { ++events; }
  std::size_t bytes() const override { return size_; }
  Pieces end_part(const Ending&) override { return {{.bytes = of(std::exchange(part_, 0))}}; }
  Pieces end_segment(const Ending&) override { return {{.bytes = of(size_)}}; }
  bool holds_back() const override { return false; }
  Pieces init() const override { return {}; }
  std::uint32_t timescale(media::TrackId) const override { return 0; }

  std::size_t frames = 0, events = 0;

 private:
  static base::SharedBytes of(std::size_t size) {
    base::Buffer buffer(size);
    return base::SharedBytes::copy_of(buffer);
  }
  media::Tracks tracks_;
  std::size_t size_ = 0, part_ = 0;
};

struct SegmenterRig : SegmentSink {
  explicit SegmenterRig(Segmenter::Rules rules)
      : segmenter(rules, std::make_unique<CountingPacker>(), *this, [this] { return wall; }) {}

  void on_begin(const media::Tracks&, const Begin& begin) override { fresh += begin.fresh; }
  void on_part(CutPart part) override { open.push_back(std::move(part)); }
  void on_segment(CutSegment segment) override {
    segments.push_back(std::move(segment));
    parts.push_back(std::move(open));
    open.clear();
  }
  void tracks(const media::Tracks& list) { segmenter.on_tracks(list); }
  void run(const test::Pattern& pattern) {
    test::feed(pattern, [this](const media::Frame& frame) {
      ++fed;
      segmenter.on_frame(frame);
    });
  }
  std::vector<std::int64_t> lengths() const {
    std::vector<std::int64_t> out;
    for (const auto& segment : segments) out.push_back(base::to_millis(segment.duration));
    return out;
  }
  std::size_t packed() const { return static_cast<const CountingPacker&>(segmenter.packer()).frames; }
  void check_target() const {
    for (const auto& segment : segments) {
      CHECK(::weir::hls::target_duration_of(segment.duration) <= ::weir::hls::target_duration_of(segmenter.target()));
    }
  }

  WallTime wall{1'700'000'000'000ms};
  Segmenter segmenter;
  std::vector<CutSegment> segments;
  std::vector<std::vector<CutPart>> parts;
  std::vector<CutPart> open;
  std::size_t fed = 0;
  int fresh = 0;
};

}  // namespace weir::test
