#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/log_limit.h"
#include "format/dash/mpd.h"
#include "session/hls/outlet.h"
#include "session/hls/segmenter.h"

namespace weir::session::hls {

// The DASH of one stream: CMAF segments of each track and the manifest that names them, in the folder that is called
// as the manifest. Every publisher, and every change of tracks, begins a period of its own. Lives on the stream's home
// worker.
class DashOutput final : public SegmentSink {
 public:
  // `first_number`: of the segments, so that those of a publisher before keep their names.
  DashOutput(Outlet outlet, std::uint64_t first_number);
  ~DashOutput() override;

  bool usable() const { return usable_; }
  Segmenter::Rules rules() const;
  // Below the root.
  static std::string manifest_path(const config::Vhost& vhost, std::string_view app, std::string_view stream);
  const std::string& place() const { return place_; }
  bool empty() const { return segments_.empty() && lingering_.empty(); }
  void follow(const Segmenter& segmenter) { segmenter_ = &segmenter; }

  void on_begin(const media::Tracks& tracks, bool fresh, bool discontinuity, WallTime date) override;
  void on_part(CutPart) override {}
  void on_segment(CutSegment segment) override;

  void leave(bool end);
  std::vector<std::string> files() const;  // as HlsOutput's
  void remove(bool files);
  // Another output has the manifest's name; what this one has goes off the shelf.
  void abandon();

 private:
  struct Lane {  // one track
    media::Track track;
    std::string id;
    std::uint32_t timescale = 90'000;
    std::string init_path;
  };
  struct Entry {
    media::TrackId track;
    dash::TimelineSegment time;
    std::string path;
    ItemRef item;
  };
  struct Kept {
    std::uint64_t number = 0;
    base::Ticks begin{}, duration{};
    std::vector<Entry> entries;
    std::uint64_t bytes = 0;
  };

  std::string folder() const;
  void begin_period();
  ItemRef put(const std::string& path, base::SharedBytes bytes, const char* type);
  bool make_room(std::uint64_t bytes);
  void drop(std::deque<Kept>& from);
  void expire();
  void drop_inits();
  void publish(bool live, bool ended);
  // `query` stands behind every address in it.
  dash::Mpd manifest(bool ended, std::string_view query) const;
  dash::Representation representation(const Lane& lane) const;
  const config::Dash& settings() const { return outlet_.vhost->dash; }

  // given
  Outlet outlet_;
  const Segmenter* segmenter_ = nullptr;

  // owned
  std::deque<Kept> segments_, lingering_;
  std::vector<Lane> lanes_;
  std::vector<std::pair<std::string, ItemRef>> inits_;

  // state
  bool usable_ = true;
  std::string path_, place_;
  media::Tracks tracks_;
  std::uint64_t next_number_;
  std::uint64_t period_ = 0;
  base::Ticks period_start_{};
  bool period_begun_ = false;
  base::Ticks segmenter_target_{};
  WallTime availability_{};
  std::uint64_t bytes_ = 0;
  Update pending_;
  log::Limit full_;
};

}  // namespace weir::session::hls
