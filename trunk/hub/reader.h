#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/error.h"
#include "hub/log.h"
#include "hub/wire.h"

namespace weir::hub {

class Feed;

// A player: a position in a Feed, and a way to hand on what is there. No queue and no coroutine: at the head the Feed
// has it served in each round; when it can take no more it stands behind until there is room; when it is too far behind
// it is set on the newest entry point. What it does with the wires is its kind's: Pump writes them to a byte stream,
// MessageReader gives them away one by one.
//
// Owned by its session, on the session's worker; the Feed outlives it. `attention` is called when `state()` became
// something that the session must act on, in the middle of the feed's work: it may not destroy any reader.
class Reader {
 public:
  enum class State : std::uint8_t {
    waiting,  // for a publisher, or for an entry to start on
    flowing,  // taking; may be behind
    ended,    // the publication ended and all of it was taken; goes on by itself with the next one
    failed,   // see error()
  };

  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  virtual ~Reader();

  // Begins at the entry point, or at the next one if there is none (or gop_cache is off).
  void start();
  // Leaves the feed.
  void stop();
  // Takes no media until resumed; then goes on from the newest entry point.
  void pause();
  void resume();

  // Where to write when it first had media to hand on; it outlives the reader. Not written to if it has a time.
  void note_first(std::chrono::steady_clock::time_point& when) { first_ = &when; }

  State state() const { return state_; }
  base::ErrorCode error() const { return error_; }
  std::uint32_t skips() const { return skips_; }
  // Media time between this reader and the live edge.
  base::Ticks behind() const;

 protected:
  Reader(Feed& feed, std::function<void()> attention) : feed_(feed), attention_(std::move(attention)) {}

  // In a round of the feed, for a reader that has its place at the head and for which there is something new. Gives
  // what it cost, in sends: a round is cut where its slice is spent.
  virtual std::size_t serve() = 0;
  // It has its place on an entry, or is to go on for another reason.
  virtual void advance() = 0;
  // Its next wire is `entry`, and not the one behind its last: at the start, or after a skip.
  virtual void begin_on(const Wire& entry) = 0;

  bool begin_at_entry();
  // A reader that is further behind than this or than the queue's limits, or whose place the log has forgotten, goes on
  // from the newest entry point.
  void skip_if_lost(base::Ticks most_behind = base::Ticks::max());
  void wait_for_entry(Log<Wire>::Position from);
  // It took all there is: takes its place among those at the head, or among those who wait.
  void settle();
  // It can take no more for now.
  void block();
  void unblock() { blocked_ = false; }
  bool blocked() const { return blocked_; }
  void made_progress();
  // Stands among those at the head although there is more for it.
  void stay_ready();
  void fail(base::ErrorCode error);
  bool media_flows() const { return state_ == State::flowing && !paused_; }

  // given
  Feed& feed_;

  // state
  Log<Wire>::Position position_ = 0;

 private:
  friend class Feed;
  enum class Place : std::uint8_t { none, ready, waiting, behind };  // which of the feed's lists it is in

  void enter(Place place);
  void end_publication();

  // given
  std::function<void()> attention_;
  std::chrono::steady_clock::time_point* first_ = nullptr;

  // state
  std::uint32_t index_ = 0;  // in the feed's list
  std::uint32_t skips_ = 0;
  State state_ = State::waiting;
  Place place_ = Place::none;
  bool started_ = false;
  bool paused_ = false;
  bool blocked_ = false;
  std::chrono::steady_clock::time_point progress_{};  // when it last took something; kept only while blocked
  base::ErrorCode error_;
};

}  // namespace weir::hub
