#include "hub/reader.h"

#include <algorithm>

#include "hub/feed.h"

namespace weir::hub {

using Clock = std::chrono::steady_clock;

Reader::~Reader() { feed_.take_out(*this); }

void Reader::start() {
  // Without the GOP cache a newcomer waits for the next key frame; with it, it starts on the last.
  position_ = feed_.vhost().play.gop_cache ? 0 : feed_.log().head();
  started_ = true;
  state_ = State::waiting;
  enter(Place::waiting);
  if (begin_at_entry()) advance();
}

void Reader::stop() {
  paused_ = true;
  feed_.take_out(*this);
}

void Reader::pause() { stop(); }

void Reader::resume() {
  if (!paused_) return;
  paused_ = false;
  if (state_ == State::failed) return;
  state_ = State::waiting;
  position_ = 0;
  enter(Place::waiting);
  if (begin_at_entry()) advance();
}

base::Ticks Reader::behind() const {
  if (state_ != State::flowing || paused_) return {};
  return feed_.log().time_from(std::max(position_, feed_.log().tail()));
}

// Takes its place on the entry point, if there is one that it may start on.
bool Reader::begin_at_entry() {
  const auto entry = feed_.log().entry_point();
  if (!feed_.live() || !entry || *entry < position_) return false;
  position_ = *entry;
  state_ = State::flowing;
  if (first_ && *first_ == Clock::time_point()) *first_ = Clock::now();
  feed_.take_out(*this);
  begin_on(feed_.log().at(*entry));
  if (attention_) attention_();
  return true;
}

void Reader::wait_for_entry(Log<Wire>::Position from) {
  position_ = from;
  state_ = State::waiting;
  blocked_ = false;
  enter(Place::waiting);
}

void Reader::skip_if_lost(base::Ticks most_behind) {
  const auto& log = feed_.log();
  const config::Play& play = feed_.vhost().play;
  const bool lost = position_ < log.tail();
  const base::Ticks longest = std::min<base::Ticks>(play.queue_length, most_behind);
  if (!lost && log.bytes_from(position_) <= play.queue_bytes && log.time_from(position_) <= longest) return;
  const auto entry = log.entry_point();
  if (entry && *entry > position_) {
    ++skips_;
    feed_.note_skip(lost ? 0 : log.bytes_from(position_) - log.bytes_from(*entry));
    position_ = *entry;
    begin_on(log.at(*entry));
  } else if (lost) {
    ++skips_;
    feed_.note_skip(0);
    position_ = log.head();
    state_ = State::waiting;
  }
}

void Reader::settle() {
  if (!started_ || paused_ || blocked_ || state_ == State::failed || state_ == State::ended) return;
  if (state_ == State::flowing && !feed_.live()) {
    end_publication();
    return;
  }
  enter(state_ == State::flowing ? Place::ready : Place::waiting);
}

void Reader::block() {
  if (media_flows()) enter(Place::behind);
  blocked_ = true;
  progress_ = Clock::now();
}

void Reader::stay_ready() {
  enter(Place::ready);
  feed_.keep_from(position_);
}

void Reader::made_progress() { progress_ = Clock::now(); }

// Stands in exactly one of the feed's lists, whichever it was in before.
void Reader::enter(Place place) {
  if (place_ == place) return;
  feed_.take_out(*this);
  std::vector<Reader*>& list = feed_.list_of(place);
  place_ = place;
  index_ = static_cast<std::uint32_t>(list.size());
  list.push_back(this);
  if (place == Place::ready) feed_.keep_from(position_);
}

void Reader::end_publication() {
  state_ = State::ended;
  position_ = feed_.log().head();
  enter(Place::waiting);
  if (attention_) attention_();
}

void Reader::fail(base::ErrorCode error) {
  if (state_ == State::failed) return;
  state_ = State::failed;
  error_ = error;
  feed_.take_out(*this);
  if (attention_) attention_();
}

}  // namespace weir::hub
