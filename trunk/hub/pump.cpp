#include "hub/pump.h"

#include <sys/uio.h>

#include <algorithm>

#include "hub/cadence.h"

namespace weir::hub {

using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t most_own_bytes = 256 * 1024;
constexpr std::size_t most_bytes_per_write = 1 << 20;

}  // namespace

Pump::Pump(Feed& feed, net::ByteStream& stream, std::function<void()> attention)
    : feed_(feed), stream_(stream), attention_(std::move(attention)) {}

Pump::~Pump() { feed_.take_out(*this); }

void Pump::start() {
  // Without the GOP cache a newcomer waits for the next key frame; with it, it starts on the last.
  position_ = feed_.vhost().play.gop_cache ? 0 : feed_.log().head();
  started_ = true;
  state_ = State::waiting;
  enter(Place::waiting);
  if (begin_at_entry()) advance();
}

void Pump::stop() {
  paused_ = true;
  feed_.take_out(*this);
}

void Pump::pause() { stop(); }

void Pump::resume() {
  if (!paused_) return;
  paused_ = false;
  if (state_ == State::failed) return;
  state_ = State::waiting;
  position_ = 0;
  enter(Place::waiting);
  if (begin_at_entry()) advance();
}

base::Ticks Pump::behind() const {
  if (state_ != State::flowing || paused_) return {};
  return feed_.log().time_from(std::max(position_, feed_.log().tail()));
}

// Takes its place on the entry point, if there is one that it may start on.
bool Pump::begin_at_entry() {
  const auto entry = feed_.log().entry_point();
  if (!feed_.live() || !entry || *entry < position_) return false;
  if (!std::exchange(header_sent_, true) && !feed_.header_.empty()) own_.push_back(feed_.header_);
  if (const auto& setup = feed_.log().at(*entry).setup; !setup.empty()) own_.push_back(setup);
  position_ = *entry;
  state_ = State::flowing;
  feed_.take_out(*this);
  if (attention_) attention_();
  return true;
}

void Pump::send(base::SharedBytes message) {
  if (state_ == State::failed || message.empty()) return;
  own_bytes_ += static_cast<std::uint32_t>(message.size());
  own_.push_back(std::move(message));
  if (own_bytes_ > most_own_bytes) {
    fail(net::Errc::too_large);
  } else if (!blocked_) {
    advance();
  }
}

void Pump::advance() {
  if (in_advance_ || state_ == State::failed) return;
  in_advance_ = true;
  blocked_ = false;
  // A player that is behind and takes whatever it is given goes on in another turn of the loop.
  while (write_some()) {
    if (stream_.turn().over()) {
      wait_for_room();
      break;
    }
  }
  in_advance_ = false;
  if (state_ != State::failed && !blocked_) settle();
}

// Writes the rest of a message that was cut, then this session's own messages, then the stream. False when there is
// nothing to write or the stream takes no more.
bool Pump::write_some() {
  std::array<iovec, Feed::most_parts> parts;
  std::size_t count = 0, total = 0;
  const auto add = [&](const base::SharedBytes& bytes) {
    if (bytes.empty()) return true;
    if (count > 0 &&
        static_cast<const std::uint8_t*>(parts[count - 1].iov_base) + parts[count - 1].iov_len == bytes.data()) {
      parts[count - 1].iov_len += bytes.size();
    } else if (count == parts.size()) {
      return false;
    } else {
      parts[count++] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    }
    total += bytes.size();
    return total < most_bytes_per_write;
  };
  if (media_flows()) skip_if_lost();
  bool room = add(cut_);
  for (std::size_t i = 0; room && i < own_.size(); ++i) room = add(own_[i]);
  if (media_flows()) {
    const auto& log = feed_.log();
    for (auto position = position_; room && position < log.head(); ++position) room = add(log.at(position).bytes);
  }
  if (count == 0) return false;
  const auto written = stream_.try_write({parts.data(), count});
  if (!written && written.error() != net::Errc::would_block) {
    fail(written.error());
    return false;
  }
  take_written(written ? *written : 0);
  if (written) stream_.turn().spend(*written);
  if (written && *written == total) return true;
  wait_for_room();
  return false;
}

void Pump::take_written(std::size_t count) {
  if (count > 0) progress_ = Clock::now();
  const std::size_t of_cut = std::min(count, cut_.size());
  if (of_cut > 0) cut_ = of_cut == cut_.size() ? base::SharedBytes() : cut_.slice(of_cut);
  count -= of_cut;
  std::size_t done = 0;
  while (count > 0 && done < own_.size()) {
    if (count < own_[done].size()) {
      cut_ = own_[done].slice(count);
      count = 0;
      ++done;
      break;
    }
    count -= own_[done++].size();
  }
  if (done > 0) own_.erase(own_.begin(), own_.begin() + static_cast<std::ptrdiff_t>(done));
  if (own_.empty()) own_bytes_ = 0;
  if (count > 0) written_of_batch(count);
}

// `count` bytes of the log from the present position on were written.
void Pump::written_of_batch(std::size_t count) {
  const auto& log = feed_.log();
  while (count > 0 && position_ < log.head()) {
    const base::SharedBytes& bytes = log.at(position_).bytes;
    ++position_;
    if (count < bytes.size()) {
      cut_ = bytes.slice(count);
      return;
    }
    count -= bytes.size();
  }
}

void Pump::wait_for_room() {
  if (media_flows()) enter(Place::behind);
  blocked_ = true;
  progress_ = Clock::now();
  if (std::exchange(armed_, true)) return;
  stream_.when_writable([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    armed_ = false;
    advance();
  });
}

// A reader that is too far behind, or whose place the log has forgotten, goes on from the newest entry point.
void Pump::skip_if_lost() {
  const auto& log = feed_.log();
  const config::Play& play = feed_.vhost().play;
  const bool lost = position_ < log.tail();
  if (!lost && log.bytes_from(position_) <= play.queue_bytes && log.time_from(position_) <= play.queue_length) return;
  const auto entry = log.entry_point();
  if (entry && *entry > position_) {
    ++skips_;
    feed_.note_skip(lost ? 0 : log.bytes_from(position_) - log.bytes_from(*entry));
    if (const auto& setup = log.at(*entry).setup; !setup.empty()) own_.push_back(setup);
    position_ = *entry;
  } else if (lost) {
    ++skips_;
    feed_.note_skip(0);
    position_ = log.head();
    state_ = State::waiting;
  }
}

// All is written: takes its place among those at the head, or among those who wait.
void Pump::settle() {
  if (!started_ || paused_ || blocked_ || state_ == State::failed || state_ == State::ended) return;
  if (state_ == State::flowing && !feed_.live()) {
    end_publication();
    return;
  }
  enter(state_ == State::flowing ? Place::ready : Place::waiting);
}

// Stands in exactly one of the feed's lists, whichever it was in before.
void Pump::enter(Place place) {
  if (place_ == place) return;
  feed_.take_out(*this);
  std::vector<Pump*>& list = place == Place::ready     ? feed_.ready_
                             : place == Place::waiting ? feed_.waiting_
                                                       : feed_.behind_;
  place_ = place;
  index_ = static_cast<std::uint32_t>(list.size());
  list.push_back(this);
}

void Pump::end_publication() {
  state_ = State::ended;
  position_ = feed_.log().head();
  enter(Place::waiting);
  if (attention_) attention_();
}

void Pump::fail(base::ErrorCode error) {
  if (state_ == State::failed) return;
  state_ = State::failed;
  error_ = error;
  feed_.take_out(*this);
  if (attention_) attention_();
}

}  // namespace weir::hub
