#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "session/hls/hls_output.h"

namespace weir::session::hls {

// The HLS of a stream with several tracks of sound or several videos, in fragmented MP4: a playlist for each track, cut
// at the same moments, and at the address of the stream the multivariant playlist that names them: a variant for each
// video, with the tracks of sound as one group. Players of one file with more tracks give up. Lives on the stream's
// home worker.
class Renditions final : public Output {
 public:
  // What publishers before left at a place; null for nothing.
  using Left = std::function<std::shared_ptr<const Window>(const std::string& place)>;
  Renditions(Outlet outlet, Left left);

  static bool wanted(const config::Hls& settings, const media::Tracks& tracks);
  // Takes away what an earlier publisher with several of a kind left: this one has a playlist for all that it has.
  static void clear(const Outlet& outlet, const Left& left);
  // Of these tracks' segments, behind what was left.
  Segmenter::Rules rules(const media::Tracks& tracks) const;

  const std::string& place() const override { return place_; }
  void follow(const Segmenter& segmenter) override;
  void leave(bool end) override;
  std::vector<std::string> files() const override;
  void abandon() override;
  void remove(bool files) override;
  bool empty() const override;
  std::uint64_t segments() const override { return lanes_.empty() ? 0 : lanes_.front().output->segments(); }
  void tell_texts(std::vector<::weir::hls::Text> texts) override { texts_ = std::move(texts); }

  void on_begin(const media::Tracks& tracks, const Begin& begin) override;
  void on_part(CutPart part) override;
  void on_segment(CutSegment segment) override;
  void on_cue(const CutCue& cue) override;

 private:
  struct Lane {
    media::Track track;
    std::unique_ptr<HlsOutput> output;
  };
  std::unique_ptr<HlsOutput> make_output(const media::Track& track) const;
  void add_lane(const media::Track& track);
  void publish(bool live);
  ::weir::hls::MasterPlaylist list() const;
  static std::string text(::weir::hls::MasterPlaylist list, bool own);

  // given
  Outlet outlet_;
  Left left_;
  const Segmenter* segmenter_ = nullptr;

  // owned
  std::vector<Lane> lanes_;  // videos first

  // state
  std::string path_, place_;
  std::vector<::weir::hls::Text> texts_;
  std::string told_;  // what the playlist says
};

}  // namespace weir::session::hls
