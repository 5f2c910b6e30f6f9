#include "session/common/player.h"

#include <array>

#include "net/tcp_stream.h"
#include "net/worker.h"

namespace weir::session {

using namespace std::chrono_literals;
using base::ErrorCode;
using hub::Pump;

namespace {

constexpr auto farewell_limit = 2s;  // for the last bytes to a player that may not read them

}  // namespace

Player::Player(net::Life& life, net::ByteStream& stream, hub::Subscription& subscription, PlayerDialogue& dialogue)
    : life_(life),
      stream_(stream),
      subscription_(subscription),
      dialogue_(dialogue),
      wake_(std::make_shared<net::Notifier>(life.worker().io())),
      pump_(subscription.feed(), stream, [wake = wake_.get()] { wake->notify(); }) {
  // What the kernel holds unsent is little, so that a slow player shows in its position, where it can be skipped
  // forward.
  net::apply({.not_sent_low_water_bytes = 128 * 1024}, stream.native_handle());
  pump_.note_first(subscription_.record().first_media);
  subscription_.record().behind = [this] { return pump_.behind(); };
  subscription_.record().skips = [this] { return std::uint64_t{pump_.skips()}; };
  life_.on_stop = [this] {
    farewell_due_ = true;
    wake_->notify();
  };
}

Player::~Player() {
  life_.on_stop = nullptr;
  subscription_.record().behind = nullptr;
  subscription_.record().skips = nullptr;
  subscription_.record().counted_skips = pump_.skips();
}

void Player::limit(std::chrono::milliseconds duration) {
  time_up_ = std::make_unique<net::TimerWheel::Timer>([this] {
    over_ = true;
    wake_->notify();
  });
  life_.worker().wheel().arm(*time_up_, duration);
}

void Player::listen() {
  if (std::exchange(listening_, true)) return;
  stream_.when_readable([this, alive = std::weak_ptr<net::Notifier>(wake_)] {
    const auto wake = alive.lock();
    if (!wake) return;
    listening_ = false;
    wake->notify();
  });
}

// What the player sent, to the dialogue. A player says little; one that floods is read as long as its turn lasts.
ErrorCode Player::read() {
  if (listening_) return {};
  std::array<std::uint8_t, 4096> room;
  for (;;) {
    const auto count = stream_.try_read(room);
    if (!count && count.error() == net::Errc::would_block) break;
    if (!count) return count.error();
    if (const auto heard = dialogue_.heard(base::Bytes(room).first(*count)); !heard) return heard.error();
  }
  listen();
  return {};
}

void Player::watch_publisher() {
  if (subscription_.feed().live() && pump_.state() != Pump::State::ended) {
    life_.watchdog.disarm();
    told_of_end_ = false;
  }
}

net::Task<void> Player::drain() {
  life_.watchdog.arm(farewell_limit);
  while (!pump_.drained() && pump_.state() != Pump::State::failed && co_await wake_->wait()) {
  }
}

net::Task<ErrorCode> Player::run() {
  const auto publish_wait = subscription_.feed().vhost().play.publish_wait;
  if (const ErrorCode absent = subscription_.feed().absence()) co_return absent;
  if (!subscription_.feed().live()) life_.watchdog.arm(publish_wait);
  pump_.start();
  for (;;) {
    if (const ErrorCode left = read()) co_return left;
    if (pump_.state() == Pump::State::failed) co_return pump_.error();
    watch_publisher();
    if (pump_.state() == Pump::State::ended && !std::exchange(told_of_end_, true)) {
      if (!dialogue_.publication_ended()) {
        co_await drain();
        co_return hub::Errc::unpublished;
      }
      life_.watchdog.arm(publish_wait);
    }
    if (farewell_due_ || over_) {
      dialogue_.farewell();
      pump_.stop();
      co_await drain();
      co_return farewell_due_ ? life_.stop_reason() : ErrorCode(net::Errc::end_of_stream);
    }
    if (const auto woke = co_await wake_->wait(); !woke) {
      if (life_.stop_reason() != net::Errc::timed_out) co_return net::why_ended(life_, woke.error());
      co_return hub::Errc::nobody_published;
    }
  }
}

}  // namespace weir::session
