#pragma once

#include <functional>
#include <memory>

#include "hub/hub.h"
#include "hub/pump.h"
#include "net/life.h"
#include "net/notifier.h"
#include "net/task.h"

namespace weir::session {

// What a playing session does besides media: the few bytes that a player says, and good-byes. The Player calls it; all
// on the session's worker.
class PlayerDialogue {
 public:
  virtual ~PlayerDialogue() = default;
  // Bytes that the player sent; valid during the call. Answers go through Player::pump().send(). An error ends the
  // session; net::Errc::end_of_stream is the way to end it in order.
  virtual base::Result<void> heard(base::Bytes bytes) = 0;
  // The publisher left. True: stay for the next one (for publish_wait); false: that is the end.
  virtual bool publication_ended() = 0;
  // The server stops, or the session's time is over: say good-bye through pump().send().
  virtual void farewell() = 0;
};

// The life of a player once it has a subscription: pumps until the player leaves, fails or is stopped, or nobody
// publishes for publish_wait. Media does not run through this coroutine; it sleeps until there is something to say.
class Player {
 public:
  Player(net::Life& life, net::ByteStream& stream, hub::Subscription& subscription, PlayerDialogue& dialogue);
  ~Player();

  // The reason: end_of_stream (the player left), unpublished, nobody_published, stopped, stalled, a socket's error.
  net::Task<base::ErrorCode> run();
  hub::Pump& pump() { return pump_; }
  // Ends in order after that time, if it is reached (the duration of an RTMP play).
  void limit(std::chrono::milliseconds duration);

 private:
  void listen();
  base::ErrorCode read();
  net::Task<void> drain();
  void watch_publisher();

  // given
  net::Life& life_;
  net::ByteStream& stream_;
  hub::Subscription& subscription_;
  PlayerDialogue& dialogue_;

  // owned
  std::shared_ptr<net::Notifier> wake_;  // counted: a callback of the stream may come after this is gone
  hub::Pump pump_;
  std::unique_ptr<net::TimerWheel::Timer> time_up_;

  // state
  bool listening_ = false;
  bool farewell_due_ = false;
  bool over_ = false;
  bool told_of_end_ = false;
};

}  // namespace weir::session
