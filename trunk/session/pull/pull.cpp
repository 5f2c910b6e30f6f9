#include "session/pull/pull.h"

#include <algorithm>

#include "base/scope_exit.h"
#include "base/text.h"
#include "net/worker.h"

namespace weir::session::pull {

using base::ErrorCode;

namespace {

double seconds(std::chrono::duration<double> time) { return time.count(); }

}  // namespace

Pull::Pull(Given given)
    : given_(std::move(given)),
      retry_(static_cast<std::uint32_t>(std::hash<base::StreamKey>{}(given_.request.key()) ^
                                        static_cast<std::size_t>(Clock::now().time_since_epoch().count()))),
      next_([this] { begin(); }) {}

void Pull::begin() {
  if (over_ || life_) return;
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
        {.life = life, .hub = given_.hub, .tls = given_.tls, .trust = given_.trust, .request = given_.request});
    attempt.on_publish = [this, &life] {
      error_.clear();
      enter(State::receiving);
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
  }
  attempted(life, net::why_ended(life, why), std::move(said));
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
  ++turn_;
  if (given_.on_demand && !ever_let_in_) {
    if (++refusals_ < given_.source.places.size()) {
      log::warn(life.log(), "source {} of {}: {}; the next one is asked", given_.source.shown, given_.request.url(),
                text);
      return begin();
    }
    log::warn(life.log(), "source {} of {} cannot be had: {}", given_.source.shown, given_.request.url(), text);
    over_ = true;
    return given_.cannot_start(why);
  }
  const auto pause = retry_.failed(std::chrono::duration_cast<std::chrono::milliseconds>(lasted));
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
