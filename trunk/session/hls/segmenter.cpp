#include "session/hls/segmenter.h"

#include <algorithm>
#include <utility>

#include "codec/captions.h"
#include "format/hls/playlist.h"

namespace weir::session::hls {

using base::Ticks;
using namespace std::chrono_literals;

namespace {

constexpr Ticks tolerance = 50ms;     // publishers round: a key frame a moment before its time is in time
constexpr Ticks rounds_down = 490ms;  // what an EXTINF may be above the target duration
constexpr Ticks shortest_split = 1s;  // a segment cut early so that the next is not too long
constexpr Ticks most_behind = 1s, most_ahead = 10s;  // of frames that belong together
constexpr Ticks longest_silence = 1s;                // of the leader, for a part whose length is not settled
constexpr int least_part_percent = 86;   // of the part target, for parts that have another behind them: 4.4.4.9 says 85
constexpr Ticks part_slack = 2ms;        // of rounded timestamps
constexpr int caption_frames = 1500;     // in as many captions are looked for: a minute
constexpr Ticks key_wait = 3s;           // audio of a stream with video waits so long for the first key frame
constexpr Ticks longest_early = 1s;      // of sound that waits for the first key frame
constexpr std::size_t most_early = 256;  // likewise, in frames
constexpr Ticks longest_beside = 500ms;  // of frames of further videos that wait for the leader
constexpr std::size_t most_beside = 128;  // likewise

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
      part_target_(rules.part_target),
      allowed_(rules.most_at_once, rules.most_a_second) {}

Ticks Segmenter::limit() const { return target_ > Ticks{} && !rules_.grid ? target_ + rounds_down : rules_.longest; }

std::int64_t Segmenter::cell(Ticks at, Ticks aim) {
  const std::int64_t moment = (at + tolerance).count(), length = std::max<std::int64_t>(aim.count(), 1);
  return moment >= 0 ? moment / length : (moment + 1) / length - 1;
}

// Of a segment that must end although no key frame came: as long as others are, if that is behind `least`.
Ticks Segmenter::end_within(Ticks least) const {
  const Ticks most = begin_ + limit();
  const Ticks wanted = target_ > Ticks{} ? begin_ + target_ : most;
  return std::min(std::max(wanted, least), most);
}

bool Segmenter::ends_segment(const media::Frame& frame) const {
  const Ticks elapsed = frame.dts - begin_;
  if (elapsed <= Ticks{}) return false;
  if (packer_->bytes() + frame.payload.size() > rules_.most_bytes) return true;
  const bool good = !has_video_ || frame.key || !rules_.wait_keyframe;
  if (rules_.grid) {
    if (good && cell(frame.dts, rules_.aim) > cell(begin_, rules_.aim)) return true;
    return elapsed + pace_.usual() > limit();
  }
  if (good && elapsed + tolerance >= rules_.aim) return true;
  const bool settled = target_ > Ticks{};
  if (frame.key && has_video_ && settled && elapsed >= shortest_split && elapsed + gop_ > limit()) return true;
  return elapsed + pace_.usual() > limit();
}

bool Segmenter::ends_part(Ticks at) const {
  const Ticks elapsed = at - part_begin_;
  if (part_empty_) return false;
  if (part_target_ > Ticks{}) {
    return elapsed + pace_.usual() > part_target_ && elapsed * 100 >= part_target_ * least_part_percent;
  }
  return elapsed + pace_.usual() / 2 >= rules_.part;
}

// Cuts where a frame of the leader says so.
void Segmenter::lead_on(const media::Frame& frame) {
  const Ticks at = frame.dts;
  if (at > begin_ + limit()) {
    const Ticks last = pace_.end();
    if (at - last > limit()) {  // nothing came for so long that no segment holds it
      cut_segment({.at = last});
      discontinuity_ = true;
      begin(at, !has_video_ || frame.key);
      return;
    }
    const Ticks end = std::min(end_within(last), at);
    begin(cut_segment({.next = &frame, .at = end}), !has_video_ || frame.key);
  } else if (ends_segment(frame)) {
    begin(cut_segment({.next = &frame, .at = at}), !has_video_ || frame.key);
  }
  if (!open_ || rules_.part <= Ticks{}) return;
  cut_overdue_parts(at, &frame);
  if (ends_part(at)) cut_part({.next = &frame, .at = at});
}

// Another track says that it is later than the leader's last frame: what is due does not wait for it for ever.
void Segmenter::stand_in(const media::Frame& frame, Ticks at) {
  const Ticks overdue = at - pace_.patience();
  if (packer_->bytes() + frame.payload.size() > rules_.most_bytes || overdue > begin_ + limit()) {
    const bool late = overdue > begin_ + limit();
    const Ticks end = late ? end_within(pace_.newest() + pace_.usual()) : std::max(at, pace_.newest() + Ticks{1});
    begin(cut_segment({.next = &frame, .at = end}), false);
    return;
  }
  if (rules_.part <= Ticks{}) return;
  if (part_target_ > Ticks{}) {
    if (overdue > part_begin_ + part_target_) cut_overdue_parts(std::min(at, begin_ + limit()), nullptr);
    return;
  }
  const Ticks usual = pace_.knows_step() ? std::max(rules_.part * 2, pace_.usual() * 3 / 2) : longest_silence;
  if (overdue > part_begin_ + std::max(std::min(usual, longest_silence), rules_.part))
    cut_part({.at = overdue, .open = true});
}

// No part is longer than the target, even if its only frame is.
void Segmenter::cut_overdue_parts(Ticks at, const media::Frame* next) {
  if (part_target_ <= Ticks{}) return;
  while (at > part_begin_ + part_target_) {
    cut_part({.next = next, .at = part_begin_ + part_target_, .open = !next || !leads(*next)});
  }
}

void Segmenter::on_tracks(const media::Tracks& tracks) {
  media::Tracks wanted;
  for (const media::Track& track : tracks) {
    const media::Kind kind = kind_of(track);
    if ((kind == media::Kind::video && rules_.video) || (kind == media::Kind::audio && rules_.audio)) {
      const bool has_place =
          !(kind == media::Kind::video ? rules_.one_video : rules_.one_audio) ||
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
  beside_.clear();
  early_.clear();
  started_ = {};
  next_tracks_.reset();
  tracks_ = std::move(wanted);
  packer_->set_tracks(tracks_);
  fresh_ = true;
  waiting_ = has_key_ = has_leader_ = has_video_ = false;
  gop_ = {};
  pace_.forget();
  for (const media::Track& track : tracks_) {
    if (!packer_->carries(track.id) || has_video_) continue;
    if (has_leader_ && kind_of(track) != media::Kind::video) continue;
    has_leader_ = true;
    has_video_ = kind_of(track) == media::Kind::video;
    leader_ = track.id;
    const media::Codec codec = track.parameters->codec;
    looks_ = codec == media::Codec::h264 || codec == media::Codec::hevc ? caption_frames : 0;
    nal_length_ = track.parameters->nal_length_bytes;
    captions_ = false;
  }
}

void Segmenter::on_frame(const media::Frame& frame) {
  if (next_tracks_ && brings(*next_tracks_, frame)) change(*std::exchange(next_tracks_, std::nullopt));
  if (!has_leader_ || !packer_->carries(frame.track)) return;
  if (leads(frame)) {
    let_go(frame.dts - part_slack);
    take(frame);
    let_go(frame.dts + part_slack);
  } else if (media::kind_of(frame.codec) == media::Kind::video) {
    take_beside(frame);
  } else {
    take(frame);
  }
}

// Of another video than the leading one. With tracks of a leader that stands still it goes on by itself.
void Segmenter::take_beside(const media::Frame& frame) {
  const auto behind = std::upper_bound(beside_.begin(), beside_.end(), frame,
                                       [](const media::Frame& a, const media::Frame& b) { return a.dts < b.dts; });
  beside_.insert(behind, frame);
  if (open_) let_go(pace_.newest() + part_slack);
  if (beside_.size() > most_beside) return let_go(beside_[beside_.size() - most_beside].dts);
  if (!beside_.empty()) let_go(beside_.back().dts - longest_beside);
}

// Those until then, with it.
void Segmenter::let_go(Ticks until) {
  std::size_t count = 0;
  for (; count < beside_.size() && beside_[count].dts <= until; ++count) add_beside(beside_[count]);
  beside_.erase(beside_.begin(), beside_.begin() + static_cast<std::ptrdiff_t>(count));
}

void Segmenter::add_beside(const media::Frame& frame) {
  if (!open_ || (!frame.key && !started_.has(frame.track))) return;
  started_.add(frame.track);
  if (frame.key && !seen_.has(frame.track)) begun_well_.add(frame.track);
  seen_.add(frame.track);
  part_empty_ = false;
  packer_->add(frame);
}

void Segmenter::take(const media::Frame& frame) {
  const bool leading = leads(frame);
  // Publishers' own clocks (atc) jump: players are told, and the length of the segment has nothing to do with it.
  if (leading && open_ && (frame.dts < pace_.newest() - most_behind || frame.dts > pace_.latest() + most_ahead)) {
    break_off();
    pace_.forget();
    dating_.forget();
  }
  if (leading) {
    dating_.saw(frame.dts, now_());
    note_key(frame);
    if (looks_ > 0) look_for_captions(frame);
  }
  const Ticks at = leading || media::kind_of(frame.codec) != media::Kind::audio ? frame.dts : pace_.other(frame.dts);
  if (!open_) {
    if (!may_begin(frame)) {
      if (leading) pace_.leader(frame.dts);
      if (!leading) keep_early(frame);
      want_key(frame);
      return;
    }
    if (!leading) pace_.begin(frame.dts);
    begin(frame.dts, !has_video_ || (leading && frame.key));  // or not
  } else if (leading) {
    lead_on(frame);
  } else if (media::kind_of(frame.codec) == media::Kind::audio) {
    stand_in(frame, at);
  }
  if (leading) {
    want_key(frame);
    pace_.leader(frame.dts);
    part_keys_ += frame.key;
    part_has_leader_ = true;
    last_is_key_ = frame.key;
  }
  if (!open_) return;
  part_empty_ = false;
  packer_->add(frame);
  // What encoders send ahead of its pictures belongs to the first of them.
  for (const media::Frame& early : std::exchange(early_, {})) {
    if (early.dts >= begin_) take(early);
  }
}

void Segmenter::keep_early(const media::Frame& frame) {
  if (early_.size() == most_early) early_.erase(early_.begin());
  std::erase_if(early_, [&frame](const media::Frame& one) { return one.dts < frame.dts - longest_early; });
  early_.push_back(frame);
}

void Segmenter::look_for_captions(const media::Frame& frame) {
  captions_ = codec::has_captions(frame.payload, nal_length_, frame.codec == media::Codec::hevc);
  looks_ = captions_ ? 0 : looks_ - 1;
}

void Segmenter::note_key(const media::Frame& frame) {
  if (!has_video_ || !frame.key) return;
  if (has_key_) gop_ = std::max(gop_ * 7 / 8, frame.dts - last_key_);
  has_key_ = true;
  last_key_ = frame.dts;
}

void Segmenter::want_key(const media::Frame& frame) {
  if (!has_video_ || !leads(frame) || frame.key || wants_key_ || !rules_.wait_keyframe) return;
  if (open_ && frame.dts - begin_ < rules_.aim) return;
  wants_key_ = true;
  if (tell_key_wanted_) tell_key_wanted_();
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

void Segmenter::begin(Ticks at, bool independent) {
  open_ = allowed_.take(base::Instant(now_().time_since_epoch()));
  if (!open_) {
    ++left_out_;
    discontinuity_ = discontinuity_ || target_ > Ticks{};
    return;
  }
  wants_key_ = false;
  begin_ = part_begin_ = at;
  segment_independent_ = independent;
  part_keys_ = 0;
  part_has_leader_ = false;
  part_empty_ = true;
  seen_ = begun_well_ = {};
  if (independent && has_video_) begun_well_.add(leader_);
  segment_discontinuity_ = std::exchange(discontinuity_, false);
  const bool first = segment_discontinuity_ || !dating_.anchored();
  date_ = dating_.begin(at, now_(), {.discontinuity = first, .may_jump = rules_.dated && independent});
  segment_discontinuity_ = segment_discontinuity_ || (!first && date_.discontinuity);
  // Low latency tells of a segment with its first part, once the length of parts is settled.
  may_revise_ = first && (rules_.part <= Ticks{} || part_target_ <= Ticks{});
  packer_->begin_segment(segment_discontinuity_);
  sink_.on_begin(tracks_, {.fresh = std::exchange(fresh_, false),
                           .discontinuity = segment_discontinuity_,
                           .date = date_.date,
                           .dated = date_.known,
                           .at = at});
}

void Segmenter::cut_part(Ending ending) {
  ending.begin = part_begin_;
  ending.date = date_.date + std::chrono::duration_cast<std::chrono::milliseconds>(part_begin_ - begin_);
  const bool held = ending.open && has_video_ && part_has_leader_ && packer_->holds_back();
  CutPart part{.pieces = packer_->end_part(ending),
               .duration = ending.at - part_begin_,
               .independent = has_video_ ? part_keys_ > (held && last_is_key_ ? 1 : 0) : !part_empty_,
               .begun_well = begun_well_};
  longest_part_ = std::max(longest_part_, part.duration);
  part_begin_ = ending.at;
  part_keys_ = held && last_is_key_ ? 1 : 0;
  part_has_leader_ = held;
  part_empty_ = true;
  if (!part.pieces.empty()) sink_.on_part(std::move(part));
}

// Where the last part ends that holds something: time in which nothing came belongs to the segment behind it. Players
// (hls.js) wait for ever at a segment whose last part is empty.
Ticks Segmenter::end_of_content(const Ending& ending) const {
  if (part_empty_ && !part_has_leader_) return part_begin_;
  return ending.next ? part_begin_ + part_target_ : ending.at;
}

// Returns where it was cut: behind the parts that were told of.
Ticks Segmenter::cut_segment(Ending ending) {
  ending.at =
      std::max(std::min(ending.at, begin_ + limit()), part_begin_ + Ticks{part_empty_ && !part_has_leader_ ? 0 : 1});
  if (rules_.part > Ticks{}) {
    if (part_target_ > Ticks{}) ending.at = std::min(ending.at, end_of_content(ending));
    cut_overdue_parts(ending.at, ending.next);
    ending.last = true;
    if (ending.at > part_begin_) cut_part(ending);
  }
  CutSegment segment{.pieces = packer_->end_segment(ending),
                     .begin = begin_,
                     .duration = ending.at - begin_,
                     .independent = segment_independent_,
                     .begun_well = begun_well_,
                     .discontinuity = segment_discontinuity_,
                     .date = std::exchange(may_revise_, false) ? dating_.revise(begin_) : date_.date,
                     .dated = date_.known};
  open_ = false;
  settle(segment.duration);
  sink_.on_segment(std::move(segment));
  return ending.at;
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
  let_go(Ticks::max());
  if (!open_ || part_begin_ > begin_ || pace_.end() - begin_ >= rules_.least) return end();
  (void)packer_->end_segment({.at = pace_.end()});
  open_ = false;
  discontinuity_ = discontinuity_ || target_ > Ticks{} || segment_discontinuity_;
}

void Segmenter::end() {
  let_go(Ticks::max());
  if (!open_) return;
  cut_segment({.at = pace_.end()});
  discontinuity_ = true;
}

}  // namespace weir::session::hls
