#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "hub/feed.h"
#include "net/byte_stream.h"

namespace weir::hub {

// A player: a position in a Feed, and the stream that it is written to. No queue, no coroutine: at the head the Feed
// writes to it directly; when the stream takes no more it goes on by itself as soon as there is room; when it is too
// far behind it is set on the newest key frame.
//
// Owned by its session, on the session's worker; the Feed and the stream outlive it. The session is told by `attention`
// when `state()` became something it must act on.
class Pump {
 public:
  enum class State : std::uint8_t {
    waiting,  // for a publisher, or for a key frame to start on
    flowing,  // sending; may be behind
    ended,    // the publication ended and all of it was written; goes on by itself with the next one
    failed,   // see error()
  };

  Pump(Feed& feed, net::ByteStream& stream, std::function<void()> attention);
  ~Pump();
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  // Begins: with the header, then from the entry point, or from the next one if there is none (or gop_cache is off).
  void start();
  // Leaves the feed; what was cut in the middle is not finished. Messages may still be sent.
  void stop();
  // Writes no media until resumed; then goes on from the newest key frame (RTMP pause).
  void pause();
  void resume();
  // Queues a message of this session alone behind the one that is being written. Fails the pump when more than 256 KiB
  // of such wait: a peer that asks and never reads.
  void send(base::SharedBytes message);
  // Everything written that was to be written.
  bool drained() const { return cut_.empty() && own_.empty(); }

  State state() const { return state_; }
  base::ErrorCode error() const { return error_; }
  std::uint64_t skips() const { return skips_; }
  // Media time between this player and the live edge.
  base::Ticks behind() const;

 private:
  friend class Feed;
  enum class Place : std::uint8_t { none, ready, waiting, behind };  // which of the feed's lists it is in

  bool begin_at_entry();
  void advance();
  bool write_some();
  void take_written(std::size_t count);
  void written_of_batch(std::size_t count);
  void wait_for_room();
  void skip_if_lost();
  void settle();
  void enter(Place place);
  void end_publication();
  void fail(base::ErrorCode error);
  bool media_flows() const { return state_ == State::flowing && !paused_; }

  // given
  Feed& feed_;
  net::ByteStream& stream_;
  std::function<void()> attention_;

  // owned
  base::SharedBytes cut_;               // the rest of a message of which a part was written
  std::vector<base::SharedBytes> own_;  // messages of this session alone, and setups
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  // state
  Log<Wire>::Position position_ = 0;
  std::uint32_t index_ = 0;  // in the feed's list
  std::uint32_t own_bytes_ = 0;
  std::uint32_t skips_ = 0;
  State state_ = State::waiting;
  Place place_ = Place::none;
  bool started_ = false;
  bool header_sent_ = false;
  bool blocked_ = false;  // the stream took no more
  bool armed_ = false;    // and will tell when it does
  bool paused_ = false;
  bool in_advance_ = false;
  std::chrono::steady_clock::time_point progress_{};  // when it last wrote something; kept only while blocked
  base::ErrorCode error_;
};

}  // namespace weir::hub
