#include "session/pull/pull.h"

#include <algorithm>

#include "base/scope_exit.h"
#include "base/text.h"
#include "hub/priority.h"
#include "net/worker.h"
#include "session/common/upstream/way.h"

namespace weir::session::pull {

using base::ErrorCode;

namespace {

constexpr std::chrono::milliseconds soon{250};  // after a break of what went well; and while another one has the name
constexpr std::chrono::milliseconds steady{2000};  // what has lasted so long did not break for its beginning
constexpr std::chrono::milliseconds silent{1000};  // after somebody let us in, and had nothing
// Of one of several places for its first media: another one may have the stream.
constexpr std::chrono::milliseconds patience_with_one{5000};
// The same while players look at a picture that stands still.
constexpr std::chrono::milliseconds patience_while_played{2000};

double seconds(std::chrono::duration<double> time) { return time.count(); }

}  // namespace

Pull::Pull(Given given)
    : given_(std::move(given)),
      retry_(static_cast<std::uint32_t>(std::hash<base::StreamKey>{}(given_.request.key()) ^
                                        static_cast<std::size_t>(Clock::now().time_since_epoch().count()))),
      next_([this] { try_now(); }),
      restart_([this] {
        if (life_) life_->stop(upstream::Errc::restart_due);
      }),
      tried_(given_.source.places.size()) {}

void Pull::choose_place() {
  if (all_tried()) tried_.assign(tried_.size(), false);
  std::vector<std::string> names;
  for (const upstream::Place& place : given_.source.places) names.push_back(place.name());
  place_ = given_.health.choose(names, tried_, key(), Clock::now()).value_or(0);
}

void Pull::begin() {
  if (!rests_ && (life_ || next_.armed())) return;
  rests_.reset();
  try_now();
}

// While an attempt that was told to stop is still there, its end begins the next one.
void Pull::try_now() {
  if (over_ || rests_ || life_) return;
  // Somebody publishes here what was to be fetched; beside sources he may.
  if (given_.on_demand && given_.source.name.empty() && given_.hub.directory().owner(key())) {
    next_at_ = Clock::now() + soon;
    return given_.hub.worker().wheel().arm(next_, soon);
  }
  choose_place();
  enter(State::connecting);
  ++done_.attempts;
  given_.hub.worker().spawn("pull", [self = shared_from_this()](net::Life& life) { return self->attempt(life); });
}

void Pull::rest(State as) {
  next_.disarm();
  if (!rests_) since_ = Clock::now();
  rests_ = as;
  if (life_) life_->stop(upstream::Errc::not_wanted);
}

void Pull::end(ErrorCode why) {
  over_ = true;
  next_.disarm();
  if (life_) life_->stop(why);
}

int Pull::priority() const { return pinned_ ? hub::pinned_priority : given_.source.priority; }

void Pull::set_pinned(bool pinned) {
  if (std::exchange(pinned_, pinned) == pinned) return;
  if (attempt_) attempt_->set_priority(priority(), pinned_);
}

void Pull::arm_restart() {
  const auto every = given_.source.restart_every;
  if (every.count() == 0) return;
  restart_at_ = Clock::now() + every;
  given_.hub.worker().wheel().arm(restart_, every);
}

void Pull::enter(State state) {
  state_ = state;
  since_ = Clock::now();
}

net::Task<void> Pull::attempt(net::Life& life) {
  life_ = &life;
  id_ = life.id();
  life.comes_from(given_.request.peer.address);
  ErrorCode why = net::Errc::stopped;
  std::string said;
  {
    hub::Request request = given_.request;
    request.facts.set(hub::priority_fact, std::to_string(given_.source.priority));
    if (given_.source.warm) request.facts.set(hub::warm_fact, "on");
    const bool has_others = given_.source.places.size() > 1;
    const bool of_edge = given_.on_demand && given_.source.name.empty();
    if (has_others && of_edge) request.facts.set(upstream::has_others_fact, "on");
    upstream::Attempt attempt({.life = life,
                               .hub = given_.hub,
                               .tls = given_.tls,
                               .trust = given_.trust,
                               .request = std::move(request),
                               .way = given_.way,
                               .first_media = !has_others               ? std::chrono::milliseconds(0)
                                              : of_edge && ever_let_in_ ? patience_while_played
                                                                        : patience_with_one});
    attempt.on_publish = [this, &life] {
      error_.clear();
      enter(State::receiving);
      given_.health.gave(place().name(), key());
      if (pinned_) attempt_->set_priority(priority(), true);
      arm_restart();
      log::info(life.log(), "source {} of {}: receiving", given_.source.shown, given_.request.url());
    };
    attempt_ = &attempt;
    const base::ScopeExit left([&] {
      restart_.disarm();
      life_ = nullptr;
      attempt_ = nullptr;
      done_.bytes += attempt.received_bytes();
      done_.strangers += attempt.strangers;
    });
    if (!over_ && !rests_) why = co_await place().fetcher->fetch(attempt);
    said = std::move(attempt.why);
    why = net::why_ended(life, why);
    note_failure(why, attempt.let_in());
  }
  attempted(life, why, std::move(said));
}

// Whether it says anything of the place for other streams. One that let us in and was silent may not have this one.
void Pull::note_failure(ErrorCode why, bool let_in) {
  if (rests_ || why == upstream::Errc::not_wanted || why == upstream::Errc::restart_due) return;
  if (state_ == State::receiving && Clock::now() - since_ >= steady) tried_.assign(tried_.size(), false);
  tried_[place_] = true;
  let_in_ = let_in;
  // One that lets us in and then says good-bye had as well refused.
  ever_let_in_ = ever_let_in_ || state_ == State::receiving || (let_in && why == net::Errc::timed_out);
  const bool answered = why == upstream::Errc::refused || why == upstream::Errc::no_stream ||
                        why == upstream::Errc::ended || why == hub::Errc::busy;
  if (over_ || answered || (let_in && state_ != State::receiving)) return;
  given_.health.failed(place().name(), Clock::now());
}

void Pull::attempted(const net::Life& life, ErrorCode why, std::string said) {
  const auto lasted = state_ == State::receiving ? Clock::now() - since_ : Clock::duration(0);
  state_ = State::waiting;
  if (rests_ && !over_) {
    log::info(life.log(), "source {} of {}: {}", given_.source.shown, given_.request.url(), name_of(*rests_));
    return;
  }
  since_ = Clock::now();
  if (over_ || given_.hub.draining()) {
    log::info(life.log(), "source {} of {} ended: {}", given_.source.shown, given_.request.url(), why.message());
    return;
  }
  // It was told to rest, and meanwhile to begin again.
  if (why == upstream::Errc::not_wanted) return try_now();
  if (why == upstream::Errc::restart_due) {
    log::info(life.log(), "source {} of {}: {}", given_.source.shown, given_.request.url(), why.message());
    return try_now();
  }
  ++done_.failures;
  std::string text = why.message();
  for (const std::string& secret : place().secrets) said = base::replace_all(said, secret, "***");
  if (!said.empty() && why != net::Errc::stopped) text += " (" + said + ")";
  if (!all_tried()) {
    log::warn(life.log(), "source {} of {}: {}; the next one is asked", given_.source.shown, given_.request.url(),
              text);
    error_ = std::move(text);
    return try_now();
  }
  if (given_.on_demand && !ever_let_in_) {
    refused_ = true;
    if (given_.gives_up(*this, why)) {
      log::warn(life.log(), "source {} of {} cannot be had: {}", given_.source.shown, given_.request.url(), text);
      return;
    }
  }
  auto pause = retry_.failed(std::chrono::duration_cast<std::chrono::milliseconds>(lasted));
  if (lasted >= upstream::Retry::settled) pause = soon;
  if (lasted.count() == 0 && let_in_) pause = silent;
  next_at_ = Clock::now() + pause;
  const std::uint32_t failures = retry_.failures();
  if (text != error_ || (failures & (failures - 1)) == 0) {
    log::warn(life.log(), "source {} of {}: {}; tried again in {:.1f} s, {} failures in a row", given_.source.shown,
              given_.request.url(), text, seconds(pause), failures);
  }
  error_ = std::move(text);
  given_.hub.worker().wheel().arm(next_, pause);
}

Work Pull::work() const {
  Work all = done_;
  if (attempt_) {
    all.bytes += attempt_->received_bytes();
    all.strangers += attempt_->strangers;
  }
  return all;
}

Candidate Pull::candidate() const {
  return {.priority = priority(),
          .cold = given_.source.cold,
          .state = state(),
          .in_state = Clock::now() - since_,
          .id = id_};
}

Row Pull::row() const {
  const auto now = Clock::now();
  Row row{.name = given_.source.name,
          .id = std::string(id_.view()),
          .vhost = given_.request.vhost->name,
          .app = given_.request.app,
          .stream = given_.request.stream,
          .source = given_.source.shown,
          .on_demand = given_.on_demand,
          .priority = given_.source.priority,
          .standby = given_.source.cold   ? "cold"
                     : given_.source.warm ? "warm"
                                          : "hot",
          .by_api = given_.source.by_api,
          .pinned = pinned_,
          .state = state(),
          .state_seconds = seconds(now - since_),
          .error = error_,
          .work = work()};
  if (next_.armed()) row.next_try_seconds = std::max(0.0, seconds(next_at_ - now));
  if (restart_.armed()) row.restart_seconds = std::max(0.0, seconds(restart_at_ - now));
  if (row.state == State::receiving) {
    const auto standing = given_.hub.directory().standing(key());
    row.active = !standing || standing->active == id_;
  }
  return row;
}

}  // namespace weir::session::pull
