#include "hub/stream.h"

#include "config/source_rules.h"
#include "hub/priority.h"

namespace weir::hub {

using namespace std::chrono_literals;
using base::Ticks;

namespace {

constexpr Ticks usual_step = 20ms;       // between two frames of a track of which only one is known
constexpr Ticks longest_step = 1s;       // a gap is no distance of frames
constexpr Ticks picture_step = 40ms;     // as usual_step, of pictures
constexpr Ticks most_ahead = 200ms;      // that sound is of the pictures it belongs to
constexpr auto key_distance = 500ms;     // between two questions for a key frame
constexpr std::size_t most_kept = 4096;  // frames of an input that stands by,
constexpr std::size_t most_kept_bytes = 16u << 20;
constexpr std::chrono::minutes longest_hold{5};
constexpr auto proof = 60s;  // for so long at least one that came back has to go well
constexpr unsigned most_relapses = 16;
constexpr std::chrono::milliseconds source_patience = 10s;
constexpr auto error_window = 30s;  // of two, in which errors are counted

bool sourced(const Stream::Given& given) { return config::has_sources(*given.vhost, given.key.app, given.key.stream); }

// Among inputs of one priority those of clients go first.
std::pair<int, bool> rank_of(const Stream::Slot& slot) {
  return {slot.origin.priority, slot.origin.request->origin == Origin::client};
}

}  // namespace

void Stream::Slot::keep(media::FrameRef frame) {
  if (origin.warm) return;
  if (starts(*frame)) {
    kept.clear();
    kept_bytes = 0;
  } else if (kept.empty()) {
    return;
  }
  kept_bytes += frame->payload.size() + sizeof(media::Frame);
  kept.push_back(std::move(frame));
  const bool too_much = kept.size() > most_kept || kept_bytes > most_kept_bytes;
  if (account.greedy(kept_bytes)) account.budget()->count_emptied();
  if (too_much || account.greedy(kept_bytes)) return (void)take_kept();
  account.set(kept_bytes);
}

std::vector<media::FrameRef> Stream::Slot::take_kept() {
  kept_bytes = 0;
  account.set(0);
  return std::exchange(kept, {});
}

bool Stream::Slot::starts(const media::Frame& frame) const {
  if (has_video) return frame.key && frame.track == media::TrackId::video;
  return media::kind_of(frame.codec) == media::Kind::audio;
}

Stream::Ill Stream::Slot::state_of_health(Clock::time_point now, const config::Publish& rules) const {
  if (now - heard_at > rules.input_timeout) return Ill::silent;
  const bool wants_keys = has_video && rules.input_key_timeout.count() > 0;
  if (wants_keys && now - key_at > rules.input_key_timeout) return Ill::keyless;
  if (rules.input_errors > 0 && errors + errors_before > rules.input_errors) return Ill::faulty;
  return Ill::no;
}

void Stream::Slot::look(Clock::time_point now, const config::Publish& rules) {
  if (std::exchange(frames_seen, frames) != frames) heard_at = now;
  if (std::exchange(keys_seen, keys) != keys) key_at = now;
  if (now - counted_since >= error_window) {
    errors_before = std::exchange(errors, 0);
    counted_since = now;
  }
  ill = state_of_health(now, rules);
  if (ill != Ill::no) steady_since = now;
}

void Stream::count_errors(Slot& slot, std::uint64_t more) { slot.errors += more; }

Stream::Stream(Given given)
    : given_(std::move(given)), still_(given_.memory), has_sources_(sourced(given_)), end_(given_.resume_at) {
  last_.fill(Ticks::min());
  floor_.fill(Ticks::min());
}

Stream::~Stream() = default;

Stream::Slot* Stream::find(const base::SessionId& id) const {
  for (const auto& slot : slots_) {
    if (slot->origin.id == id) return slot.get();
  }
  return nullptr;
}

Stream::Slot& Stream::attach(InputOrigin origin) {
  thread_.check();
  Slot& slot = *slots_.emplace_back(std::make_unique<Slot>(std::move(origin), given_.memory));
  if (!active_) activate(slot);
  return slot;
}

void Stream::begin() {
  source_ = std::make_unique<Source>(given_.vhost, given_.formats, given_.notice, given_.memory, given_.sound);
  state_ = State::live;
  given_.tell(StreamEvent::Kind::began, *this);
}

// From now on the frames of this input are the stream's. Its tracks are told with its first frame, all at once.
void Stream::activate(Slot& slot) {
  const State before = state_;
  left_for_ = active_ ? active_->ill : Ill::no;
  if (active_) {
    (void)active_->take_kept();
    active_->steady = false;
    source_->pause();
  }
  active_ = &slot;
  origin_ = slot.origin;
  slot.placed = false;
  slot.offset = {};
  slot.generation = fresh() ? 0 : newest_generation_ + 1;
  slot.awaits_key = before != State::over;
  slot.tracks_due = !slot.tracks.empty();
  floor_ = last_;
  if (before == State::over) {
    begin();
  } else {
    ++switches_;
    state_ = State::live;
    given_.tell(before == State::live ? StreamEvent::Kind::switched : StreamEvent::Kind::resumed, *this);
  }
  play_kept(slot);
}

// It stood by: its newest group of pictures goes first, so that there is a picture at once.
void Stream::play_kept(Slot& slot) {
  for (const media::FrameRef& frame : slot.take_kept()) pass_on(slot, frame);
}

void Stream::set_tracks(Slot& slot, media::Tracks tracks) {
  thread_.check();
  slot.tracks = std::move(tracks);
  slot.has_video = std::any_of(slot.tracks.begin(), slot.tracks.end(), [](const media::Track& track) {
    return media::kind_of(track.parameters->codec) == media::Kind::video;
  });
  (void)slot.take_kept();
  // What went on with another's stream tells all its tracks at once, with its first frame: players hear of one change.
  if (&slot != active_ || (switches_ > 0 && !slot.placed)) {
    slot.tracks_due = true;
  } else {
    send_tracks(slot);
  }
}

void Stream::send_tracks(Slot& slot) {
  slot.tracks_due = false;
  media::Tracks told = slot.tracks;
  for (media::Track& track : told) {
    track.generation += slot.generation;
    newest_generation_ = std::max(newest_generation_, track.generation);
  }
  if (given_.vhost->publish.slate_last) still_.set_tracks(told);
  source_->set_tracks(std::move(told));
}

void Stream::append(Slot& slot, media::FrameRef frame) {
  thread_.check();
  // A stream of null packets is silent, and so is one of data alone.
  if (frame->codec != media::Codec::ts_packets && frame->codec != media::Codec::ts_data) ++slot.frames;
  slot.keys += frame->key && frame->track == media::TrackId::video;
  if (&slot == active_) {
    pass_on(slot, frame);
    return;
  }
  const bool takes = takes_over(slot, *frame);
  slot.keep(frame);
  if (!takes) return;
  come_back(slot);
  if (slot.origin.warm) pass_on(slot, frame);
}

void Stream::come_back(Slot& slot) {
  activate(slot);
  returned_at_ = std::max(looked_at_, slot.steady_since);
}

// The active input failed.
void Stream::note_relapse(Clock::time_point now) {
  const Clock::time_point returned = std::exchange(returned_at_, {});
  if (returned == Clock::time_point{}) return;
  const bool proved = now - returned > std::max<Clock::duration>(proof, 2 * hold());
  relapses_ = proved ? 0 : std::min(relapses_ + 1, most_relapses);
}

Stream::Clock::duration Stream::hold() const {
  const Clock::duration given = given_.vhost->publish.input_hold;
  return std::max(given, std::min<Clock::duration>(longest_hold, given * (1U << relapses_)));
}

void Stream::set_priority(Slot& slot, int priority, bool at_once) {
  thread_.check();
  slot.origin.priority = priority;
  if (&slot == active_) {
    origin_.priority = priority;
    return;
  }
  if (!at_once) return;
  slot.steady = true;
  slot.steady_since = Clock::time_point{};
  if (active_ && rank_of(slot) > rank_of(*active_) && slot.ready() && !slot.tracks.empty()) activate(slot);
}

Directory::Standing Stream::standing() const {
  Directory::Standing standing;
  if (active_) {
    standing.active = active_->origin.id;
    standing.priority = active_->origin.priority;
    standing.silent = active_->ill != Ill::no;
  }
  for (const auto& slot : slots_) {
    if (slot->ill != Ill::no || slot->frames == 0) continue;
    standing.best = std::max(standing.best.value_or(slot->origin.priority), slot->origin.priority);
  }
  return standing;
}

// One of higher priority goes first again, at a key frame, once it has kept its word for a while.
bool Stream::takes_over(const Slot& slot, const media::Frame& frame) const {
  return slot.steady && rank_of(slot) > rank_of(*active_) && slot.starts(frame) && !slot.tracks.empty();
}

void Stream::pass_on(Slot& slot, const media::FrameRef& frame) {
  if (!place(slot, *frame)) {
    ++dropped_;
    return;
  }
  if (still_.stands()) move_on();
  if (slot.tracks_due) send_tracks(slot);
  media::FrameRef placed = frame;
  if (slot.offset != Ticks{} || slot.generation != 0) {
    auto moved = std::make_shared<media::Frame>(*frame);  // by reference to the same payload
    moved->dts += slot.offset;
    moved->generation += slot.generation;
    placed = std::move(moved);
  }
  note(*placed);
  if (given_.vhost->publish.slate_last) still_.note(placed);
  source_->append(std::move(placed));
}

// Where the frame comes in the stream's time: the first one of an input behind all that was there, the others as far
// from it as they were. False if it has no place: a picture that cannot be decoded, or what would go back in its track.
bool Stream::place(Slot& slot, const media::Frame& frame) {
  const bool leads = frame.key && frame.track == media::TrackId::video;
  const bool first_picture = leads && slot.awaits_key;
  if (slot.awaits_key && media::kind_of(frame.codec) == media::Kind::video) {
    if (!leads) return false;
    slot.awaits_key = false;
  }
  if (slot.origin.keeps_clock) {
    slot.placed = true;
    return true;
  }
  if (!std::exchange(slot.placed, true) && !fresh()) slot.offset = end_ - frame.dts;
  const Ticks floor = floor_[index_of(frame)];
  const Ticks at = frame.dts + slot.offset;
  if (first_picture && floor != Ticks::min() && at > floor + picture_step && at <= floor + picture_step + most_ahead) {
    // Sound that was ahead made a hole in the pictures, at which players in browsers stop. New sound that is where the
    // old one was is left out instead.
    slot.offset -= at - floor - picture_step;
    floor_ = last_;
    return true;
  }
  if (floor == Ticks::min() || at > floor) return true;
  if (!leads) return false;
  slot.offset += floor + usual_step - at;  // its sound came first, by more than a frame
  return true;
}

void Stream::note(const media::Frame& frame) {
  Ticks& last = last_[index_of(frame)];
  const Ticks step = last == Ticks::min() ? Ticks{} : frame.dts - last;
  last = frame.dts;
  if (media::kind_of(frame.codec) == media::Kind::data) return;
  if (frame.key && media::kind_of(frame.codec) == media::Kind::video) key_at_ = Clock::now();
  end_ = std::max(end_, frame.dts + (step > Ticks{} && step <= longest_step ? step : usual_step));
}

void Stream::keep_clock(Slot& slot) {
  slot.origin.keeps_clock = true;
  if (&slot == active_) origin_.keeps_clock = true;
}

Stream::Slot* Stream::best_standby() const {
  Slot* best = nullptr;
  for (const auto& slot : slots_) {
    if (slot.get() == active_ || slot->ill != Ill::no) continue;
    const auto rank = [](const Slot& one) { return std::pair(one.ready(), rank_of(one)); };
    if (!best || rank(*slot) > rank(*best)) best = slot.get();
  }
  return best;
}

void Stream::detach(Slot& slot, bool finished, Clock::time_point now) {
  thread_.check();
  const bool was_active = &slot == active_;
  if (was_active) active_ = nullptr;
  std::erase_if(slots_, [&](const auto& one) { return one.get() == &slot; });
  if (!was_active) return;
  note_relapse(now);
  source_->pause();
  if (!slots_.empty()) {
    Slot* next = best_standby();
    activate(next ? *next : *slots_.front());
  } else if (fresh() || (!has_sources_ && (finished || patience() == Clock::duration(0)))) {
    finish();
  } else {
    state_ = State::interrupted;
    interrupted_at_ = now;
    if (given_.vhost->publish.slate_last && still_.possible() && !still_.stands()) still_.begin(end_, now);
    given_.tell(StreamEvent::Kind::interrupted, *this);
  }
}

Stream::Clock::duration Stream::patience() const {
  const config::Publish& publish = given_.vhost->publish;
  const bool stands = still_.stands() || (publish.slate_last && still_.possible());
  const Clock::duration asked = stands ? publish.slate_limit : publish.grace;
  // The next source has the time that a start takes.
  return has_sources_ ? std::max<Clock::duration>(asked, source_patience) : asked;
}

// The frames keep the time of each track; what comes next begins behind them.
void Stream::stand_still(Clock::time_point now) {
  still_.go_on(now, [this](media::FrameRef frame) {
    last_[index_of(*frame)] = frame->dts;
    source_->append(std::move(frame));
  });
  end_ = std::max(end_, still_.time_at(now) + usual_step);
}

// An input is back, with its first frame.
void Stream::move_on() {
  still_.end();
  floor_ = last_;
  source_->pause();
}

void Stream::want_key_frame(Clock::time_point now, Clock::duration enough) {
  if (!active_ || !active_->origin.ask_key || now - key_asked_at_ < key_distance || now - key_at_ < enough) return;
  key_asked_at_ = now;
  active_->origin.ask_key();
}

bool Stream::tend(Clock::time_point now) {
  const config::Publish& publish = given_.vhost->publish;
  looked_at_ = now;
  if (still_.stands()) stand_still(now);
  if (state_ == State::interrupted && now - interrupted_at_ >= patience()) finish();
  for (const auto& slot : slots_) {
    slot->look(now, publish);
    slot->steady = now - slot->steady_since >= hold();
  }
  if (active_ && active_->ill != Ill::no) {
    Slot* next = best_standby();
    if (next && next->ready()) {
      note_relapse(now);
      activate(*next);
    }
  }
  return wants_tending();
}

void Stream::finish() {
  if (state_ == State::over) return;
  given_.tell(StreamEvent::Kind::ended, *this);
  still_.forget();
  state_ = State::over;
  source_->end();
  source_.reset();
}

void Stream::set_vhost(std::shared_ptr<const config::Vhost> vhost) {
  const bool given_before = given_.vhost->publish.slate_last;
  given_.vhost = std::move(vhost);
  has_sources_ = sourced(given_);
  const bool slate = given_.vhost->publish.slate_last;
  if (!slate) still_.forget();
  if (source_ && slate && !given_before) still_.set_tracks(source_->tracks());
  if (source_) source_->set_vhost(given_.vhost);
}

}  // namespace weir::hub
