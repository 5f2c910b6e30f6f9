#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <tuple>
#include <vector>

#include "hub/directory.h"
#include "hub/event.h"
#include "hub/input.h"
#include "hub/source.h"
#include "hub/still.h"

namespace weir::hub {

// A published stream: the inputs that feed it, and the Source that sends on what the active one brings. It survives its
// inputs: when the last one is cut off it is `interrupted` for publish.grace, and whoever comes in that time goes on
// with it: players stay, the timeline has no gap, and generations of tracks count up. A second input stands by with its
// newest group of pictures, or a warm one without, and takes over when the active one leaves or is silent, or when its
// priority is higher and it has kept its word for publish.input_hold: twice as long after each time that one came back
// so and failed again. With `publish { slate last; }` it waits for slate_limit, and its last key frame stands
// meanwhile.
//
// Lives on its home worker, owned by the Hub, which calls tend() while it says so.
class Stream {
 public:
  using Clock = std::chrono::steady_clock;
  enum class State : std::uint8_t { over, live, interrupted };
  // Why an input is not played while another one could be.
  enum class Ill : std::uint8_t { no, silent, keyless, faulty };
  struct Slot;  // an input, as its stream sees it

  struct Given {
    base::StreamKey key;
    std::shared_ptr<const config::Vhost> vhost;
    const Formats& formats;
    Source::Notice notice;
    MemoryBudget* memory = nullptr;  // null: not counted
    SoundMakers sound{};
    base::Ticks resume_at{};  // behind what readers who stayed have seen of it elsewhere
    // `began` before anything is sent, `ended` while the Source is still there.
    std::function<void(StreamEvent::Kind, Stream&)> tell;
  };
  explicit Stream(Given given);
  ~Stream();
  Stream(const Stream&) = delete;

  // A slot stays until it is detached.
  Slot& attach(InputOrigin origin);
  void set_tracks(Slot& slot, media::Tracks tracks);
  void append(Slot& slot, media::FrameRef frame);
  void keep_clock(Slot& slot);
  void set_priority(Slot& slot, int priority, bool at_once);
  static void count_errors(Slot& slot, std::uint64_t more);
  void detach(Slot& slot, bool finished, Clock::time_point now);
  Slot* find(const base::SessionId& id) const;

  // Looks at the clock: who is silent or ill otherwise, and whether the grace is over. False if it need not be called
  // again.
  bool wants_tending() const {
    return state_ == State::interrupted || slots_.size() > 1 || has_sources_ || still_.stands();
  }
  bool tend(Clock::time_point now);
  // Asks the active input for a key frame, if it can be asked, and not more often than twice a second; not if one came
  // that is no older than `enough`.
  void want_key_frame(Clock::time_point now, Clock::duration enough = {});
  // Nobody waits any longer.
  void finish();
  void set_vhost(std::shared_ptr<const config::Vhost> vhost);

  State state() const { return state_; }
  // Its last key frame and silence are what goes out: it waits for an input, or for the first frame of one.
  bool stands_still() const { return still_.stands(); }
  // How long it waits for the next input. Zero: it does not.
  Clock::duration patience() const;
  Directory::Standing standing() const;
  // How long one of higher priority has to bring frames before it takes over.
  Clock::duration hold() const;
  bool has_inputs() const { return !slots_.empty(); }
  std::size_t input_count() const { return slots_.size(); }
  const base::StreamKey& key() const { return given_.key; }
  const config::Vhost& vhost() const { return *given_.vhost; }
  // Null when it is over.
  Source* source() const { return source_.get(); }
  // The active input, or the last one that was.
  const InputOrigin& origin() const { return origin_; }
  // Where its timeline ends.
  base::Ticks end() const { return end_; }
  std::uint32_t switches() const { return switches_; }  // how often another input went on with it
  Ill left_for() const { return left_for_; }            // what was wrong with the input before this one
  std::uint64_t dropped_frames() const { return dropped_; }

 private:
  // The newest time of each track; an ingest gives out few.
  using Newest = std::array<base::Ticks, 32>;
  static std::size_t index_of(const media::Frame& frame) {
    return std::min<std::size_t>(static_cast<std::size_t>(frame.track), std::tuple_size_v<Newest> - 1);
  }
  bool fresh() const { return end_ == base::Ticks{}; }
  void begin();
  void activate(Slot& slot);
  void play_kept(Slot& slot);
  void come_back(Slot& slot);
  void note_relapse(Clock::time_point now);
  bool takes_over(const Slot& slot, const media::Frame& frame) const;
  Slot* best_standby() const;
  void pass_on(Slot& slot, const media::FrameRef& frame);
  bool place(Slot& slot, const media::Frame& frame);
  void send_tracks(Slot& slot);
  void note(const media::Frame& frame);
  void stand_still(Clock::time_point now);
  void move_on();

  // given
  Given given_;

  // owned
  std::unique_ptr<Source> source_;
  std::vector<std::unique_ptr<Slot>> slots_;
  Still still_;

  // state
  State state_ = State::over;
  InputOrigin origin_;
  Slot* active_ = nullptr;
  bool has_sources_ = false;  // configured for it: others may come
  Clock::time_point interrupted_at_{}, key_asked_at_{};
  Clock::time_point looked_at_{};    // at the clock
  Clock::time_point returned_at_{};  // one of higher priority took over, and it did not prove itself yet; or never
  unsigned relapses_ = 0;            // in a row
  Clock::time_point key_at_{};       // the newest key frame came
  base::Ticks end_;
  Newest last_, floor_;  // of each track, now and when the active input became so
  std::uint32_t newest_generation_ = 0;
  Ill left_for_ = Ill::no;
  std::uint32_t switches_ = 0;
  std::uint64_t dropped_ = 0;
  base::ThreadCheck thread_;
};

// On the home worker.
struct Stream::Slot {
  Slot(InputOrigin given, MemoryBudget* memory)
      : origin(std::move(given)),
        account(memory, Cache::frames),
        heard_at(Clock::now()),
        steady_since(heard_at),
        key_at(heard_at),
        counted_since(heard_at) {}
  void keep(media::FrameRef frame);
  // What was kept; nothing is any longer.
  std::vector<media::FrameRef> take_kept();
  // It could go on with the stream now.
  bool ready() const { return !kept.empty() || (origin.warm && frames > 0); }
  bool starts(const media::Frame& frame) const;
  void look(Clock::time_point now, const config::Publish& rules);
  Ill state_of_health(Clock::time_point now, const config::Publish& rules) const;

  InputOrigin origin;
  media::Tracks tracks;  // as the input says them
  bool has_video = false;

  // while it is active
  bool tracks_due = false;
  bool placed = false;      // its time has its place in the stream's
  bool awaits_key = false;  // pictures before a key frame cannot be decoded
  base::Ticks offset{};
  std::uint32_t generation = 0;  // added to those of its tracks

  // while it stands by
  std::vector<media::FrameRef> kept;  // from its newest key frame on
  std::size_t kept_bytes = 0;
  MemoryAccount account;  // of them

  // as of the last look at the clock
  std::uint64_t frames = 0, frames_seen = 0, keys = 0, keys_seen = 0;
  Clock::time_point heard_at, steady_since, key_at;
  // Errors of this half minute and of the one before.
  std::uint64_t errors = 0, errors_before = 0;
  Clock::time_point counted_since;
  Ill ill = Ill::no;
  bool steady = false;  // for so long that it may take over from one of lower priority
};

}  // namespace weir::hub
