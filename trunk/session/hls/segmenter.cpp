#include "session/hls/segmenter.h"

#include <algorithm>
#include <utility>

#include "format/hls/playlist.h"

namespace weir::session::hls {

using base::Ticks;
using namespace std::chrono_literals;

namespace {

constexpr Ticks tolerance = 50ms;     // publishers round: a key frame a moment before its time is in time
constexpr Ticks rounds_down = 490ms;  // what an EXTINF may be above the target duration
constexpr Ticks shortest_split = 1s;  // a segment cut early so that the next is not too long
constexpr Ticks most_behind = 1s, most_ahead = 10s;  // of frames that belong together
constexpr int least_part_percent = 86;  // of the part target, for parts that have another behind them: 4.4.4.9 says 85
constexpr Ticks part_slack = 2ms;       // of rounded timestamps
constexpr Ticks key_wait = 3s;          // audio of a stream with video waits so long for the first key frame
constexpr std::chrono::seconds most_drift{2};  // of the wall clock against the stream

media::Kind kind_of(const media::Track& track) { return media::kind_of(track.parameters->codec); }
bool same_track(const media::Track& a, const media::Track& b) {
  return a.id == b.id && a.generation == b.generation && a.parameters->codec == b.parameters->codec;
}

}  // namespace

Segmenter::Segmenter(Rules rules, std::unique_ptr<Packer> packer, SegmentSink& sink, Now now)
    : rules_(rules),
      sink_(sink),
      now_(std::move(now)),
      packer_(std::move(packer)),
      discontinuity_(rules.continues),
      target_(rules.target),
      part_target_(rules.part_target) {}

Segmenter::Cut Segmenter::decide(const media::Frame& frame) const {
  const bool leading = leads(frame);
  if (ends_segment(frame, leading)) return Cut::segment;
  if (rules_.part > Ticks{} && (leading ? ends_part(frame) : stands_in(frame))) return Cut::part;
  return Cut::none;
}

// The leader's next frame is late, it may have stopped: the part does not wait for it.
bool Segmenter::stands_in(const media::Frame& frame) const {
  const bool settled = part_target_ > Ticks{};
  if (!late(frame, settled ? step_ : Ticks(1s))) return false;
  return (frame.dts - part_begin_) * 100 > (settled ? part_target_ : rules_.part) * least_part_percent;
}

bool Segmenter::ends_segment(const media::Frame& frame, bool leading) const {
  const Ticks elapsed = frame.dts - begin_;
  if (elapsed <= Ticks{}) return false;
  if (packer_->bytes() + frame.payload.size() > rules_.most_bytes) return true;
  const Ticks limit = target_ > Ticks{} ? target_ + rounds_down : rules_.longest;
  if (!leading) return late(frame, step_) && elapsed + tolerance > limit;  // the video has stopped
  const bool good = !has_video_ || frame.key || !rules_.wait_keyframe;
  if (good && elapsed + tolerance >= rules_.aim) return true;
  if (frame.key && has_video_ && target_ > Ticks{} && elapsed >= shortest_split && elapsed + gop_ > limit) return true;
  return elapsed + step_ > limit;
}

bool Segmenter::ends_part(const media::Frame& frame) const {
  const Ticks elapsed = frame.dts - part_begin_;
  if (part_target_ > Ticks{}) {
    return elapsed + step_ > part_target_ && elapsed * 100 >= part_target_ * least_part_percent;
  }
  return elapsed + step_ / 2 >= rules_.part;
}

// Where audio took the video's place for a while, frames are a little beyond the end of the part; what is before it is
// not.
Ticks Segmenter::end_of_part(const media::Frame& frame) const {
  const bool near = part_target_ > Ticks{} && frame.dts <= part_begin_ + part_target_ + step_;
  return near ? std::min(frame.dts, part_begin_ + part_target_) : frame.dts;
}

void Segmenter::on_tracks(const media::Tracks& tracks) {
  media::Tracks wanted;
  for (const media::Track& track : tracks) {
    const media::Kind kind = kind_of(track);
    if ((kind == media::Kind::video && rules_.video) || (kind == media::Kind::audio && rules_.audio)) {
      const bool has_place =
          !rules_.one_of_each ||
          std::none_of(wanted.begin(), wanted.end(), [kind](const auto& other) { return kind_of(other) == kind; });
      if (has_place && packer_->can_carry(track)) wanted.push_back(track);
    }
  }
  next_tracks_.reset();
  if (std::equal(wanted.begin(), wanted.end(), tracks_.begin(), tracks_.end(), same_track)) return;
  if (open_ && runs_on(wanted)) {
    next_tracks_ = std::move(wanted);
  } else {
    change(std::move(wanted));
  }
}

// Whether each track of now stays as it is, or goes, and something is left: then the segments may go on until a place
// where the cut costs no frame.
bool Segmenter::runs_on(const media::Tracks& wanted) const {
  const bool changes = std::any_of(tracks_.begin(), tracks_.end(), [&](const media::Track& before) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](const media::Track& now) { return now.id == before.id && !same_track(now, before); });
  });
  return !changes && !wanted.empty();
}

// Whether with this frame of the leader to be, a segment of these tracks begins well.
bool Segmenter::brings(const media::Tracks& wanted, const media::Frame& frame) const {
  const auto video = std::find_if(wanted.begin(), wanted.end(),
                                  [](const media::Track& track) { return kind_of(track) == media::Kind::video; });
  return video == wanted.end() ? frame.track == wanted.front().id : frame.track == video->id && frame.key;
}

void Segmenter::change(media::Tracks wanted) {
  break_off();
  next_tracks_.reset();
  tracks_ = std::move(wanted);
  packer_->set_tracks(tracks_);
  fresh_ = true;
  waiting_ = has_key_ = has_leader_ = has_video_ = false;
  gop_ = {};
  for (const media::Track& track : tracks_) {
    if (!packer_->carries(track.id) || has_video_) continue;
    if (has_leader_ && kind_of(track) != media::Kind::video) continue;
    has_leader_ = true;
    has_video_ = kind_of(track) == media::Kind::video;
    leader_ = track.id;
  }
}

void Segmenter::on_frame(const media::Frame& frame) {
  if (next_tracks_ && brings(*next_tracks_, frame)) change(*std::exchange(next_tracks_, std::nullopt));
  if (!has_leader_ || !packer_->carries(frame.track)) return;
  // Publishers' own clocks (atc) jump: players are told, and the length of the segment has nothing to do with it.
  if (open_ && leads(frame) && (frame.dts < newest_ - most_behind || frame.dts > latest_ + most_ahead)) {
    break_off();
    latest_ = frame.dts;
  }
  if (leads(frame)) note(frame);
  latest_ = open_ ? std::max(latest_, frame.dts) : frame.dts;
  if (!open_) {
    if (!may_begin(frame)) return;
    begin(frame);
  } else {
    switch (decide(frame)) {
      case Cut::none:
        break;
      case Cut::part:
        cut_part(end_of_part(frame), &frame);
        break;
      case Cut::segment:
        cut_segment(frame.dts, &frame);
        begin(frame);
        break;
    }
  }
  if (part_empty_ && !has_video_) part_independent_ = true;
  if (leads(frame) && frame.key) part_independent_ = true;
  part_empty_ = false;
  packer_->add(frame);
}

// What the leader's frames tell of its pace.
void Segmenter::note(const media::Frame& frame) {
  const Ticks distance = frame.dts - newest_;
  if (open_ && distance > Ticks{} && distance < 10s) step_ = distance;
  newest_ = frame.dts;
  if (!has_video_ || !frame.key) return;
  if (has_key_) gop_ = std::max(gop_ * 7 / 8, frame.dts - last_key_);
  has_key_ = true;
  last_key_ = frame.dts;
}

// With video at a key frame; but a stream whose video never comes is still heard.
bool Segmenter::may_begin(const media::Frame& frame) {
  if (!has_video_) return true;
  if (leads(frame)) return frame.key;
  if (media::kind_of(frame.codec) != media::Kind::audio) return false;
  if (!waiting_) waiting_since_ = frame.dts;
  waiting_ = true;
  return frame.dts - waiting_since_ > key_wait;
}

void Segmenter::begin(const media::Frame& frame) {
  open_ = true;
  begin_ = part_begin_ = frame.dts;
  if (!leads(frame)) newest_ = frame.dts;
  segment_independent_ = !has_video_ || (leads(frame) && frame.key);
  part_independent_ = false;
  part_empty_ = true;
  segment_discontinuity_ = std::exchange(discontinuity_, false);
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(frame.dts - anchor_);
  const WallTime now = now_();
  if (!anchored_ || segment_discontinuity_ || std::chrono::abs(now - (anchor_date_ + since)) > most_drift) {
    anchored_ = true;
    anchor_ = frame.dts;
    date_ = anchor_date_ = now;
  } else {
    date_ = anchor_date_ + since;
  }
  packer_->begin_segment(segment_discontinuity_);
  sink_.on_begin(tracks_, std::exchange(fresh_, false), segment_discontinuity_, date_);
}

void Segmenter::cut_part(Ticks at, const media::Frame* next) {
  const bool near = part_target_ > Ticks{} && at <= part_begin_ + part_target_ + step_;
  CutPart part{.pieces = packer_->end_part(next),
               .duration = near ? std::min(at - part_begin_, part_target_) : at - part_begin_,
               .independent = part_independent_};
  longest_part_ = std::max(longest_part_, part.duration);
  part_begin_ = at;
  part_independent_ = false;
  part_empty_ = true;
  if (!part.pieces.empty() && part.duration > Ticks{}) sink_.on_part(std::move(part));
}

void Segmenter::cut_segment(Ticks at, const media::Frame* next) {
  if (rules_.part > Ticks{}) cut_part(at, next);
  CutSegment segment{.pieces = packer_->end_segment(next),
                     .begin = begin_,
                     .duration = at - begin_,
                     .independent = segment_independent_,
                     .discontinuity = segment_discontinuity_,
                     .date = date_};
  open_ = false;
  settle(segment.duration);
  sink_.on_segment(std::move(segment));
}

void Segmenter::settle(Ticks first) {
  const auto whole = [](Ticks time) { return Ticks(std::chrono::seconds(::weir::hls::target_duration_of(time))); };
  if (target_ <= Ticks{}) target_ = std::max(whole(rules_.aim), whole(first));
  if (part_target_ > Ticks{} || rules_.part <= Ticks{}) return;
  // What whole frames make of the length aimed at; of a single part nothing can be learnt.
  part_target_ = (longest_part_ < first ? longest_part_ : std::max(rules_.part, longest_part_)) + part_slack;
}

// The open segment cannot go on. One of whose parts was told already is told whole.
void Segmenter::break_off() {
  if (!open_ || part_begin_ > begin_ || last_end() - begin_ >= rules_.least) return end();
  (void)packer_->end_segment(nullptr);
  open_ = false;
  discontinuity_ = discontinuity_ || target_ > Ticks{} || segment_discontinuity_;
}

void Segmenter::end() {
  if (!open_) return;
  cut_segment(std::max(last_end(), begin_ + Ticks{1}), nullptr);
  discontinuity_ = true;
}

}  // namespace weir::session::hls
