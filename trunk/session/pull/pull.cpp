#include "session/pull/pull.h"

#include <algorithm>

#include "base/scope_exit.h"
#include "base/text.h"
#include "net/worker.h"

namespace weir::session::pull {

using base::ErrorCode;

namespace {

constexpr std::chrono::milliseconds soon{250};     // after a break of what went well
constexpr std::chrono::milliseconds steady{2000};  // what has lasted so long did not break for its beginning
constexpr std::chrono::milliseconds silent{1000};  // after somebody let us in, and had nothing
// Of one of several places for its first media: another one may have the stream.
constexpr std::chrono::milliseconds patience_with_one{5000};

double seconds(std::chrono::duration<double> time) { return time.count(); }

}  // namespace

Pull::Pull(Given given)
    : given_(std::move(given)),
      retry_(static_cast<std::uint32_t>(std::hash<base::StreamKey>{}(given_.request.key()) ^
                                        static_cast<std::size_t>(Clock::now().time_since_epoch().count()))),
      next_([this] { begin(); }),
      tried_(given_.source.places.size()) {}

void Pull::choose_place() {
  if (all_tried()) tried_.assign(tried_.size(), false);
  std::vector<std::string> names;
  for (const upstream::Place& place : given_.source.places) names.push_back(place.name());
  place_ = given_.health.choose(names, tried_, key(), Clock::now()).value_or(0);
}

void Pull::begin() {
  if (over_ || life_) return;
  // Somebody publishes here what was to be fetched.
  if (given_.on_demand && given_.hub.directory().owner(key())) {
    next_at_ = Clock::now() + silent;
    return given_.hub.worker().wheel().arm(next_, silent);
  }
  choose_place();
  enter(State::connecting);
  ++done_.attempts;
  given_.hub.worker().spawn("pull", [self = shared_from_this()](net::Life& life) { return self->attempt(life); });
}

void Pull::end() {
  over_ = true;
  next_.disarm();
  if (life_) life_->stop(upstream::Errc::not_wanted);
}

void Pull::enter(State state) {
  state_ = state;
  since_ = Clock::now();
}

net::Task<void> Pull::attempt(net::Life& life) {
  life_ = &life;
  id_ = life.id();
  ErrorCode why = net::Errc::stopped;
  std::string said;
  {
    upstream::Attempt attempt(
        {.life = life,
         .hub = given_.hub,
         .tls = given_.tls,
         .trust = given_.trust,
         .request = given_.request,
         .way = given_.way,
         .first_media = given_.source.places.size() > 1 ? patience_with_one : std::chrono::milliseconds(0)});
    attempt.on_publish = [this, &life] {
      error_.clear();
      enter(State::receiving);
      given_.health.gave(place().name(), key());
      log::info(life.log(), "source {} of {}: receiving", given_.source.shown, given_.request.url());
    };
    attempt_ = &attempt;
    const base::ScopeExit left([&] {
      life_ = nullptr;
      attempt_ = nullptr;
      done_.bytes += attempt.received_bytes();
      ever_let_in_ = ever_let_in_ || attempt.let_in();
    });
    if (!over_) why = co_await place().fetcher->fetch(attempt);
    said = std::move(attempt.why);
    why = net::why_ended(life, why);
    note_failure(why, attempt.let_in());
  }
  attempted(life, why, std::move(said));
}

// Whether it says anything of the place for other streams. One that let us in and was silent may not have this one.
void Pull::note_failure(ErrorCode why, bool let_in) {
  if (state_ == State::receiving && Clock::now() - since_ >= steady) tried_.assign(tried_.size(), false);
  tried_[place_] = true;
  let_in_ = let_in;
  const bool answered = why == upstream::Errc::refused || why == upstream::Errc::no_stream ||
                        why == upstream::Errc::ended || why == hub::Errc::busy;
  if (over_ || answered || (let_in && state_ != State::receiving)) return;
  given_.health.failed(place().name(), Clock::now());
}

void Pull::attempted(const net::Life& life, ErrorCode why, std::string said) {
  const auto lasted = state_ == State::receiving ? Clock::now() - since_ : Clock::duration(0);
  enter(State::waiting);
  if (over_ || given_.hub.draining()) {
    log::info(life.log(), "source {} of {} ended: {}", given_.source.shown, given_.request.url(), why.message());
    return;
  }
  ++done_.failures;
  std::string text = why.message();
  for (const std::string& secret : place().secrets) said = base::replace_all(said, secret, "***");
  if (!said.empty() && why != net::Errc::stopped) text += " (" + said + ")";
  if (!all_tried()) {
    log::warn(life.log(), "source {} of {}: {}; the next one is asked", given_.source.shown, given_.request.url(),
              text);
    error_ = std::move(text);
    return begin();
  }
  if (given_.on_demand && !ever_let_in_) {
    log::warn(life.log(), "source {} of {} cannot be had: {}", given_.source.shown, given_.request.url(), text);
    over_ = true;
    return given_.cannot_start(why);
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
  if (attempt_) all.bytes += attempt_->received_bytes();
  return all;
}

Row Pull::row() const {
  const auto now = Clock::now();
  Row row{.id = std::string(id_.view()),
          .vhost = given_.request.vhost->name,
          .app = given_.request.app,
          .stream = given_.request.stream,
          .source = given_.source.shown,
          .on_demand = given_.on_demand,
          .state = state_,
          .state_seconds = seconds(now - since_),
          .error = error_,
          .work = work()};
  if (next_.armed()) row.next_try_seconds = std::max(0.0, seconds(next_at_ - now));
  return row;
}

}  // namespace weir::session::pull
