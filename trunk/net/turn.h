#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace weir::net {

// What one session, or one mailbox, may do before the others of its worker have their turn. Reads and writes that
// complete at once never come back to the event loop by themselves: a peer that sends faster than it is read would hold
// the worker for as long as it likes. So whoever loops spends a turn, and when that is over leaves the loop the word:
//
//   while (auto message = machine.poll()) {
//     apply(*message);
//     if (!stream.turn().spend()) CO_TRY_VOID(co_await stream.yield());
//   }
//
// Each ByteStream has one and spends it by itself in try_read() and write(), so a protocol that only reads and writes
// cannot forget it. An addition and a comparison as a rule; the clock is read once for each 16 KiB. Lives on one
// worker.
class Turn {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::size_t most_bytes = 512 * 1024;  // of a turn, whatever its time
  static constexpr std::size_t least_bytes = 4 * 1024;   // where each costs much
  static constexpr std::size_t step_bytes = 128;         // what a step counts as beside the bytes that it moves
  static constexpr std::chrono::microseconds longest{1000};

  // `total` counts with this one the turns that were cut short; it may be null, and outlives this.
  explicit Turn(std::uint64_t* total = nullptr) : total_(total) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  // One step was taken (a read, a message, an answer) that moved so many bytes. False when the turn is over with it.
  bool spend(std::size_t bytes = 0) {
    spent_ += bytes + step_bytes;
    return spent_ < next_look_ || look(Clock::now());
  }
  bool over() const { return over_; }
  // How many bytes a read may take: what is read is parsed before anybody looks at the clock again.
  std::size_t allowance() const { return std::max(quota_ - std::min(quota_, spent_), least_bytes); }
  // The session is about to let go: what it did since the first look is how long its turn took.
  void pause() {
    if (over_ && !ended_) ended_ = Clock::now();
  }
  // The loop had its turn, or the session waited.
  void renew() {
    if (over_) end();
    spent_ = 0;
    next_look_ = first_look();
    told_ = false;
    begun_.reset();
    ended_.reset();
  }

  // How often it was over before the session waited by itself: how much this peer would like to hold the worker.
  std::uint64_t cut_short() const { return cut_short_; }

  // For who says "would block" in place of waiting: true once, when the turn is over; a caller that comes again has
  // waited in some way of its own.
  bool refuses() {
    if (!over_) return false;
    if (!told_) {
      pause();
      return told_ = true;
    }
    renew();
    return false;
  }

 private:
  static constexpr std::size_t look_bytes = 16 * 1024;
  bool look(Clock::time_point now);
  void end();
  std::size_t first_look() const { return std::min(look_bytes, quota_ / 2); }

  std::uint64_t* total_;
  std::size_t quota_ = 32 * 1024;  // of the present turn, in bytes; learns from how long they took
  std::size_t spent_ = 0;
  std::size_t next_look_ = look_bytes;
  bool over_ = false;
  bool told_ = false;
  std::uint64_t cut_short_ = 0;
  std::optional<Clock::time_point> begun_, ended_;  // the first look; when it let go, being over
};

}  // namespace weir::net
