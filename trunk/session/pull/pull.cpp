#include "session/pull/pull.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/scope_exit.h"
#include "net/worker.h"
#include "session/common/protocol.h"
#include "session/common/publisher.h"
#include "session/common/upstream/way.h"

namespace weir::session::pull {

using base::ErrorCode;
using base::Result;

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
  why_.clear();
  let_in_ = false;
  ErrorCode why = net::Errc::stopped;
  {
    const base::ScopeExit left([this] {
      life_ = nullptr;
      stream_ = nullptr;
    });
    if (!over_) why = co_await fetch(life);
  }
  attempted(life, net::why_ended(life, why));
}

net::Task<ErrorCode> Pull::fetch(net::Life& life) {
  upstream::Call call{
      .url = given_.source.urls[turn_ % given_.source.urls.size()], .role = rtmp::Role::play, .trust = given_.trust};
  auto link = co_await upstream::RtmpLink::open(life, given_.tls, std::move(call), why_);
  if (!link) co_return link.error();
  why_.clear();
  let_in_ = ever_let_in_ = true;
  stream_ = &(*link)->stream();
  const auto done = co_await receive(life, **link);
  done_.bytes += stream_->received_bytes();
  stream_ = nullptr;
  co_return done ? ErrorCode(upstream::Errc::ended) : done.error();
}

// As a publisher's session does it, once there is something to publish.
net::Task<Result<void>> Pull::receive(net::Life& life, upstream::RtmpLink& link) {
  net::ByteStream& stream = link.stream();
  rtmp::Client& client = link.client();
  const auto vhost = given_.request.vhost;
  std::optional<hub::Input> input;
  std::optional<FlvPublisher> publisher;
  base::Buffer room(32 * 1024);
  life.watchdog.arm(vhost->publish.firstpkt_timeout);
  for (;;) {
    while (auto event = client.poll()) {
      if (std::holds_alternative<rtmp::Ended>(*event)) co_return Result<void>();
      if (auto* refused = std::get_if<rtmp::Refused>(&*event)) {
        why_ = refused->code + ": " + refused->description;
        co_return upstream::Errc::refused;
      }
      if (std::holds_alternative<rtmp::Redirected>(*event)) co_return Result<void>();  // and asks there anew
      auto* media = std::get_if<rtmp::MediaReceived>(&*event);
      if (!media) continue;
      if (!input) {
        hub::Request request = given_.request;
        request.peer = stream.peer();
        auto admitted = co_await given_.hub.publish(life, std::move(request), &stream);
        if (!admitted) co_return admitted.error().why;
        input.emplace(std::move(*admitted));
        publisher.emplace(life, *input);
        error_.clear();
        enter(State::receiving);
        log::info(life.log(), "source {} of {}: receiving", given_.source.shown, given_.request.url());
      }
      life.watchdog.arm(vhost->publish.normal_timeout);
      CO_TRY_VOID(
          publisher->input(static_cast<flv::TagType>(media->type), base::Millis(media->time_ms), media->payload));
      if (!stream.turn().spend()) CO_TRY_VOID(co_await stream.yield());
    }
    while (!client.output().empty()) {
      const base::Buffer output = client.take_output();
      CO_TRY_VOID(co_await stream.write(output.bytes()));
    }
    CO_TRY(const std::size_t count, co_await stream.read_some({room.data(), room.size()}));
    if (const auto taken = client.input(room.bytes().first(count)); !taken) {
      why_ = client.diagnostic().sentence();
      co_return taken.error();
    }
  }
}

void Pull::attempted(const net::Life& life, ErrorCode why) {
  const auto lasted = state_ == State::receiving ? Clock::now() - since_ : Clock::duration(0);
  enter(State::waiting);
  if (over_ || given_.hub.draining()) {
    log::info(life.log(), "source {} of {} ended: {}", given_.source.shown, given_.request.url(), why.message());
    return;
  }
  ++done_.failures;
  ++turn_;
  std::string text = why.message();
  if (!why_.empty() && why != net::Errc::stopped) text += " (" + without_secrets_of(given_.source, why_) + ")";
  if (given_.on_demand && !ever_let_in_) {
    if (++refusals_ < given_.source.urls.size()) {
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
  if (stream_) all.bytes += stream_->received_bytes();
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
