#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/thread_check.h"
#include "hub/directory.h"
#include "hub/log.h"
#include "hub/mirror.h"
#include "hub/packager.h"
#include "hub/request.h"
#include "media/frame.h"

namespace weir::hub {

// Sees every frame of a stream on the source's worker: recording, segmenting, transcoding. Must not block.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  virtual void on_tracks(const media::Tracks& tracks) = 0;
  virtual void on_frame(const media::FrameRef& frame, bool entry) = 0;
};

// What goes out of a published stream, on its home worker. Frames come in, are kept as far back as the last key frame,
// and go out through one Packager for each format that somebody reads. Owned by its Stream, which feeds it.
class Source {
 public:
  // Delivers to a worker's feed; given by the Hub, which knows the other workers.
  using Notice = std::function<void(const Want&, const std::shared_ptr<MirrorBox>&)>;

  Source(std::shared_ptr<const config::Vhost> vhost, const Formats& formats, Notice notice,
         MemoryBudget* memory = nullptr);
  ~Source();

  // May be called again at any time: players hear of the change before the next frame.
  void set_tracks(media::Tracks tracks);
  void append(media::FrameRef frame);

  // A feed of a worker reads this format from now on: the GOP is replayed to it. `local` is the feed itself when it is
  // on this worker, null otherwise. Unknown formats are ignored.
  void add_outlet(const Want& want, Feed* local);
  void remove_outlet(const Want& want);
  void add_sink(FrameSink& sink);
  void remove_sink(FrameSink& sink);
  // Nothing comes for now, or something else: what packagers hold back goes out, and readers stay. Who comes now still
  // gets what was kept.
  void pause();
  // Tells every feed that this publication is over.
  void end();

  const media::Tracks& tracks() const { return tracks_; }
  const Log<media::FrameRef>& frames() const { return frames_; }
  void set_vhost(std::shared_ptr<const config::Vhost> vhost);

 private:
  struct Outlet {
    Want want;
    Feed* local = nullptr;
    std::shared_ptr<MirrorBox> box;
  };
  struct Line {  // one format
    FormatId format;
    std::unique_ptr<Packager> packager;
    Log<Wire> backlog;  // what a new outlet is given first
    std::vector<Outlet> outlets;
  };

  bool is_entry(const media::Frame& frame);
  bool video_comes(base::Ticks now);
  Line* line(FormatId format);
  Line& build_line(FormatId format, const PackagerFactory& factory);
  void go_on();
  void settle(base::Ticks now);
  void judge(Line& line);
  void package(Line& line, const media::Frame& frame, bool entry);
  void hand_out(Line& line, std::span<const Wire> wires);
  void tell(Outlet& outlet, Letter letter);

  // given
  std::shared_ptr<const config::Vhost> vhost_;
  const Formats& formats_;
  Notice notice_;
  MemoryBudget* memory_;

  // owned
  Log<media::FrameRef> frames_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::vector<FrameSink*> sinks_;
  std::vector<Wire> scratch_;

  // state
  media::Tracks tracks_;
  bool has_video_ = false;
  std::optional<base::Ticks> first_dts_;
  bool paused_ = false;
  bool settled_ = false;                   // long enough that no track comes late
  std::optional<base::Ticks> last_video_;  // or the first audio of a stream with video
  bool any_key_ = false;
  base::Ticks last_entry_{};
  bool any_entry_ = false;
  base::ThreadCheck thread_;
};

}  // namespace weir::hub
