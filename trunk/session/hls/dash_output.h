#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/log_limit.h"
#include "format/dash/mpd.h"
#include "session/hls/outlet.h"
#include "session/hls/segmenter.h"
#include "session/hls/window.h"

namespace weir::session::hls {

// The DASH of one stream: CMAF segments of each track and the manifest that names them, in the folder that is called
// as the manifest. Every publisher, and every change of tracks, begins a period of its own behind those before it,
// which stay as long as their segments do; so does what has been said of a segment. Segments of a track are numbered
// without a gap, so that $Number$ is right where a track had nothing to say for a while. Lives on the stream's home
// worker.
//
// With dash_low_latency a segment is told of with its first chunk. Its number is the multiple of dash_fragment that it
// is for. One that is not where its number says begins a period, as does what follows a gap.
class DashOutput final : public SegmentSink {
 public:
  // `resume` is what a publisher before left, null for none.
  DashOutput(Outlet outlet, const std::shared_ptr<const DashWindow>& resume);
  ~DashOutput() override;

  bool usable() const { return usable_; }
  Segmenter::Rules rules() const;
  static std::unique_ptr<Packer> make_packer(const config::Dash& settings);
  // Below the root.
  static std::string manifest_path(const config::Vhost& vhost, std::string_view app, std::string_view stream);
  const std::string& place() const { return place_; }
  bool empty() const { return window_.segments.empty() && lingering_.empty(); }
  void follow(const Segmenter& segmenter) { segmenter_ = &segmenter; }
  // Whether the publisher may say something beside sound and pictures.
  void expect_events(bool expected) { events_ = expected; }
  // Likewise of breaks (SCTE 35); it has said so for good.
  void expect_cues() { cues_ = true; }

  void on_begin(const media::Tracks& tracks, const Begin& begin) override;
  void on_part(CutPart part) override;
  void on_segment(CutSegment segment) override;

  void leave(bool end);
  std::vector<std::string> files() const;  // as HlsOutput's
  void remove(bool files);
  // Another output goes on with the window; what it does not know of goes off the shelf.
  void abandon();

 private:
  using Lane = DashWindow::Lane;
  using Period = DashWindow::Period;
  using Entry = DashWindow::Entry;
  using Segment = DashWindow::Segment;

  std::string ladder_path() const;
  std::string folder() const;
  bool chunked() const { return settings().low_latency; }
  base::Ticks nominal() const;
  void begin_period(base::Ticks at, WallTime date);
  std::string stem_of(const Lane& lane, std::uint64_t period) const;
  std::string path_of(const Lane& lane, std::uint64_t period, std::uint64_t number) const;
  void open_chunked(const Begin& begin);
  void tell_growth();
  void fill(const CutSegment& segment, Segment& kept);
  void tell_closed(bool live);
  void add_entry(Segment& to, const Piece& piece);
  ItemRef put(const std::string& path, base::SharedBytes bytes, const char* type, std::function<void()> written);
  bool put_away();
  bool make_room(std::uint64_t bytes);
  void drop(std::deque<Segment>& from);
  void retire_oldest();
  void expire();
  void drop_periods();
  void publish(bool live, bool ended);
  // `query` stands behind every address in it.
  dash::Mpd manifest(bool ended, std::string_view query) const;
  dash::Representation representation(const Period& period, std::size_t lane, bool ended) const;
  const config::Dash& settings() const { return outlet_.vhost->dash; }

  // given
  Outlet outlet_;
  const Segmenter* segmenter_ = nullptr;

  // owned
  DashWindow window_;
  std::deque<Segment> lingering_;  // out of the manifest, but a player may still ask for them

  // state
  bool usable_ = true;
  std::string path_, place_;
  media::Tracks tracks_;
  bool period_begun_ = false, events_ = false, cues_ = false;
  Begin open_;                                          // of the segment that is made
  bool left_out_ = false;                               // it is
  std::uint64_t number_ = 0;                            // of low latency: its number
  base::Ticks phase_{};                                 // likewise, of its period: where all begin behind the multiples
  std::vector<std::vector<base::SharedBytes>> chunks_;  // likewise, of each lane
  std::shared_ptr<const Listing> told_;                 // likewise, what is said now
  std::shared_ptr<const std::vector<Closed>> closed_;   // likewise
  base::Ticks segmenter_target_{};
  Update pending_;
  log::Limit full_;
};

}  // namespace weir::session::hls
