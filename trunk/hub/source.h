#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/thread_check.h"
#include "hub/derived_audio.h"
#include "hub/directory.h"
#include "hub/in_step.h"
#include "hub/log.h"
#include "hub/mirror.h"
#include "hub/packager.h"
#include "hub/request.h"
#include "hub/track_view.h"
#include "media/frame.h"

namespace weir::hub {

// Sees every frame of a stream on the source's worker: recording, segmenting, transcoding. Must not block.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  virtual void on_tracks(const media::Tracks& tracks) = 0;
  virtual void on_frame(const media::FrameRef& frame, bool entry) = 0;
  // As that of a Packager.
  virtual Fit fit(media::Codec audio) const { return usual_fit(audio); }
};

// Where sound is made in other codecs, and for which worker; null: nowhere.
struct SoundMakers {
  AudioBridge* bridge = nullptr;
  net::Worker* home = nullptr;
};

// Sound that was made here of a stream's own, for the API.
struct DerivedState {
  media::Codec from = media::Codec::none, to = media::Codec::none;
  AudioBridge::Lack lack = AudioBridge::Lack::none;
  bool failed = false;   // the codecs refused
  bool running = false;  // else wanted, and not there
  std::uint64_t frames = 0, dropped = 0;
};

// What goes out of a published stream, on its home worker. Frames come in, are kept as far back as the last key frame,
// and go out through one Packager for each format that somebody reads. Owned by its Stream, which feeds it.
class Source {
 public:
  // Delivers to a worker's feed; given by the Hub, which knows the other workers.
  using Notice = std::function<void(const Want&, const std::shared_ptr<MirrorBox>&)>;

  Source(std::shared_ptr<const config::Vhost> vhost, const Formats& formats, Notice notice,
         MemoryBudget* memory = nullptr, SoundMakers sound = {});
  ~Source();

  // May be called again at any time: players hear of the change before the next frame.
  void set_tracks(media::Tracks tracks);
  // Frames; or packets of a transport stream, which only lines see that take them.
  void append(media::FrameRef frame);

  // A feed of a worker reads this format from now on: the GOP is replayed to it. `local` is the feed itself when it is
  // on this worker, null otherwise. Unknown formats are ignored.
  void add_outlet(const Want& want, Feed* local);
  void remove_outlet(const Want& want);
  // Told of the tracks at once; with `past` of what is remembered too, from the newest entry on.
  void add_sink(FrameSink& sink, bool past = false);
  void remove_sink(FrameSink& sink);
  // Nothing comes for now, or something else: what packagers hold back goes out, and readers stay. Who comes now still
  // gets what was kept.
  void pause();
  // Tells every feed that this publication is over.
  void end();

  // As they came.
  const media::Tracks& tracks() const { return tracks_; }
  // Of all tracks, those of derived sound among them: which of them an output sees, add_sink() knows.
  const Log<media::FrameRef>& frames() const { return frames_; }
  // None if the sound is wanted in no other codec than its own.
  std::optional<DerivedState> derived() const;
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
    TrackView view{};
  };
  struct Seat {  // of a sink
    FrameSink* sink;
    TrackView view{};
  };

  bool is_entry(const media::Frame& frame);
  bool video_comes(base::Ticks now);
  Line* line(FormatId format);
  Line& build_line(FormatId format, const PackagerFactory& factory);
  void go_on();
  void settle(base::Ticks now);
  void judge(Line& line);
  void tell_tracks();
  void tell_tracks(Line& line);
  media::Tracks chosen_for(Line& line) const;
  media::Tracks chosen_for(Seat& seat) const;
  void pass_on(const media::FrameRef& frame, bool entry);
  void release(const media::FrameRef& frame, bool entry);
  void release_all();
  void pass_to(Line& line, const media::FrameRef& frame, bool entry);
  void pass_to(Seat& seat, const media::FrameRef& frame, bool entry);
  media::Codec wanted_sound() const;
  // Begins and ends what is made of the sound, as it is wanted now. True: outputs see other tracks from now on, and are
  // to be told.
  [[nodiscard]] bool reconsider();
  bool derive(media::Codec to, const media::Track& from);
  bool stop_deriving();
  void take_derived(media::FrameRef frame);
  void append_packets(const media::FrameRef& packets);
  bool packets_flow() const;
  void replay(Line& line, const Log<media::FrameRef>& from);
  void hand_out(Line& line, std::span<const Wire> wires);
  void tell(Outlet& outlet, Letter letter);

  // given
  std::shared_ptr<const config::Vhost> vhost_;
  const Formats& formats_;
  Notice notice_;
  MemoryBudget* memory_;
  SoundMakers sound_;

  // owned
  Log<media::FrameRef> frames_;
  Log<media::FrameRef> packets_;  // of a transport stream, likewise
  std::vector<std::unique_ptr<Line>> lines_;
  std::vector<Seat> sinks_;
  std::vector<Wire> scratch_;
  std::unique_ptr<DerivedAudio> derivation_;
  InStep in_step_;

  // state
  media::Tracks tracks_;
  std::optional<media::Track> derived_;  // while it is made
  std::uint32_t derived_generation_ = 0;
  AudioBridge::Lack lack_ = AudioBridge::Lack::none;
  std::optional<base::Ticks> unwanted_since_;
  base::Ticks newest_{};
  std::optional<base::Ticks> packets_at_;  // when the newest of those that go out came; none: none go out
  std::uint32_t packets_of_ = 0;           // their generation
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
