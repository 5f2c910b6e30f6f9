#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/allowance.h"
#include "base/clock.h"
#include "format/scte35/section.h"
#include "media/frame.h"
#include "media/track.h"
#include "session/hls/dating.h"
#include "session/hls/pace.h"
#include "session/hls/packer.h"

namespace weir::session::hls {

// Tracks of video, a bit for each.
class TrackBits {
 public:
  bool has(media::TrackId id) const { return (bits_ & bit(id)) != 0; }
  void add(media::TrackId id) { bits_ |= bit(id); }

 private:
  static constexpr std::uint32_t bit(media::TrackId id) { return 1u << (static_cast<unsigned>(id) % 32); }
  std::uint32_t bits_ = 0;
};

struct CutPart {
  Pieces pieces;
  base::Ticks duration{};
  bool independent = false;  // has a key frame of the leader
  TrackBits begun_well;      // as CutSegment's
};

struct CutSegment {
  Pieces pieces;
  base::Ticks begin{}, duration{};
  bool independent = false;    // begins with a key frame, or has no video
  TrackBits begun_well;        // of several videos: those whose first frame in it is a key frame
  bool discontinuity = false;  // before it
  WallTime date{};             // of its begin
  bool dated = true;           // the date is worth telling
};

// A break or another command of SCTE 35, at its moment.
struct CutCue {
  WallTime date{};
  scte35::Section said;
  base::SharedBytes section;
};

// Takes what a Segmenter makes, in order.
class SegmentSink {
 public:
  virtual ~SegmentSink() = default;
  struct Begin {
    bool fresh = false;  // with these tracks and their initialisation: the first one, and after a change
    bool discontinuity = false;
    WallTime date{};
    bool dated = true;  // the date is worth telling; CutSegment::date may still be another
    base::Ticks at{};   // CutSegment::begin
  };
  virtual void on_begin(const media::Tracks& tracks, const Begin& begin) = 0;
  virtual void on_part(CutPart part) = 0;
  virtual void on_segment(CutSegment segment) = 0;
  // Belongs to the segment that is open.
  virtual void on_cue(const CutCue&) {}
};

// Cuts one stream into segments and, for low latency, parts; the bytes are its packer's. Knows no clock but the
// frames', no files and no playlists. Lives on the source's worker.
//
// One track leads, the video if there is one: all lengths are in its time. What other tracks tell of that time, less
// what they are usually ahead, matters only when the leader is late.
//
// A segment begins at a key frame, at the first one after `aim`. Once the target duration is settled, which is with the
// first segment, no segment rounds to more (RFC 8216bis 4.4.3.1): one that would is cut at an earlier key frame, and
// without one in the middle of a group of pictures. No part is longer than the part target (4.4.4.9), frame or no
// frame; but the last one of a segment holds something.
//
// Of several videos the first one leads. A frame of another that is later than the leader's newest waits for the
// leader, so that key frames of one moment begin the same segment, in whichever order they come.
class Segmenter {
 public:
  struct Rules {
    base::Ticks aim = std::chrono::seconds(10);
    base::Ticks longest = std::chrono::seconds(21);  // of the first segment, if no key frame comes
    bool wait_keyframe = true;
    base::Ticks part{};  // zero: no parts
    std::size_t most_bytes = 64u << 20;
    base::Ticks target{}, part_target{};  // settled by segments before these; zero: not yet
    bool continues = false;               // others come before: the first one is a discontinuity
    // What is shorter when other tracks or another clock break it off is left out: a publisher that changes all the
    // time makes no segment for each change.
    base::Ticks least = std::chrono::milliseconds(200);
    bool audio = true, video = true;
    bool one_video = false, one_audio = false;  // the output has a place for one of the kind: further ones are left out
    bool dated = true;                          // a date that does not follow from the one before is a discontinuity
    // Segments by the clock of the machine, whatever that of the publisher says: so many at once, so many a second.
    // What comes without a segment being allowed is left out, up to the next place where one may begin.
    double most_at_once = 2000, most_a_second = 50;
    // Segments end at the first key frame behind each multiple of `aim`, in the stream's own time: streams that are
    // renditions of one, with the same key frames, have the same segments whenever they began. None is longer than
    // `longest` then.
    bool grid = false;
  };
  using Now = std::function<WallTime()>;

  Segmenter(Rules rules, std::unique_ptr<Packer> packer, SegmentSink& sink, Now now);

  // Told once for each segment that is as long as `aim` and goes on for want of a key frame, and where none can begin.
  void when_key_wanted(std::function<void()> tell) { tell_key_wanted_ = std::move(tell); }

  void on_tracks(const media::Tracks& tracks);
  void on_frame(const media::Frame& frame);
  // Timed metadata, into the segment that is open; nothing while none is.
  void on_event(const id3::Event& event) {
    if (open_) packer_->add_event(event);
  }
  // The moment `at` is what a section is about; nothing while no segment is open.
  void on_cue(base::Ticks at, const scte35::Section& said, const base::SharedBytes& section) {
    if (!open_ || !date_.known) return;
    const auto ahead = std::chrono::duration_cast<std::chrono::milliseconds>(at - begin_);
    sink_.on_cue({.date = date_.date + ahead, .said = said, .section = section});
  }
  // Ends the open segment. Frames may come again; they begin with a discontinuity.
  void end();

  const Packer& packer() const { return *packer_; }
  // Whole seconds, settled with the first segment; what the playlist says for all its life.
  base::Ticks target() const { return target_; }
  // No part is longer; settled with the first segment.
  base::Ticks part_target() const { return part_target_; }
  // Captions were found in the video.
  bool captions() const { return captions_; }
  // Which multiple of `aim` a segment of the grid that begins then is for.
  static std::int64_t cell(base::Ticks at, base::Ticks aim);
  // Places where a segment would have begun, had there not been too many.
  std::uint64_t left_out() const { return left_out_; }
  media::TrackId leader() const { return leader_; }
  // Of the leading video as it comes, frames a second; 0 without one.
  double frame_rate() const { return has_video_ ? pace_.rate() : 0; }

 private:
  bool ends_segment(const media::Frame& frame) const;
  bool ends_part(base::Ticks at) const;
  base::Ticks limit() const;  // of a segment
  base::Ticks end_within(base::Ticks least) const;
  base::Ticks end_of_content(const Ending& ending) const;
  void lead_on(const media::Frame& frame);
  void stand_in(const media::Frame& frame, base::Ticks at);
  void cut_overdue_parts(base::Ticks at, const media::Frame* next);
  bool may_begin(const media::Frame& frame);
  void keep_early(const media::Frame& frame);
  bool leads(const media::Frame& frame) const { return frame.track == leader_; }
  void take(const media::Frame& frame);
  void take_beside(const media::Frame& frame);
  void let_go(base::Ticks until);
  void add_beside(const media::Frame& frame);
  bool runs_on(const media::Tracks& wanted) const;
  bool brings(const media::Tracks& wanted, const media::Frame& frame) const;
  void change(media::Tracks wanted);
  // Nothing is open behind it if no segment is allowed now.
  void begin(base::Ticks at, bool independent);
  void cut_part(Ending ending);
  base::Ticks cut_segment(Ending ending);
  void break_off();
  void settle(base::Ticks first);
  void note_key(const media::Frame& frame);
  void want_key(const media::Frame& frame);
  void look_for_captions(const media::Frame& frame);

  // given
  Rules rules_;
  SegmentSink& sink_;
  Now now_;
  std::function<void()> tell_key_wanted_;

  // owned
  std::unique_ptr<Packer> packer_;

  // state
  media::Tracks tracks_;
  std::optional<media::Tracks> next_tracks_;       // from a good place on, until which those of now run on
  media::TrackId leader_ = media::TrackId::video;  // whose frames decide: the video, else the audio
  bool has_leader_ = false, has_video_ = false;
  bool fresh_ = true;           // the tracks are not announced yet
  bool open_ = false;           // a segment is
  bool discontinuity_ = false;  // before the next segment
  bool segment_independent_ = false, segment_discontinuity_ = false, part_empty_ = true;
  base::Ticks begin_{}, part_begin_{};
  Pace pace_;
  int part_keys_ = 0;  // key frames of the leader in the open part
  bool part_has_leader_ = false, last_is_key_ = false;
  base::Ticks last_key_{}, gop_{};  // the longest distance between key frames of late
  bool has_key_ = false;
  bool wants_key_ = false;  // it was told for this segment
  base::Ticks waiting_since_{};
  bool waiting_ = false;
  base::Ticks target_{}, part_target_{}, longest_part_{};
  Dating dating_;
  Dating::Said date_;
  bool captions_ = false;
  int looks_ = 0;  // frames in which captions are still looked for
  unsigned nal_length_ = 4;
  base::Allowance allowed_;
  std::uint64_t left_out_ = 0;
  bool may_revise_ = false;                // the open segment's: nobody was told of it
  std::vector<media::Frame> early_;        // sound that came before the first key frame, of the last moments
  std::vector<media::Frame> beside_;       // of further videos, later than the leader's newest; by time
  TrackBits started_, seen_, begun_well_;  // videos with a key frame so far; with a frame in the open segment
};

}  // namespace weir::session::hls
