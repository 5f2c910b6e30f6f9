#pragma once

#include <atomic>
#include <cstdint>

#include "hub/input.h"
#include "net/mailbox.h"
#include "net/turn.h"

namespace weir::hub {

// What an input tells the stream on another worker.
struct InputLetter {
  enum class Kind : std::uint8_t { tracks, frame, keep_clock, priority, errors, end } kind;
  media::Tracks tracks{};
  media::FrameRef frame{};
  bool finished = false;  // at the end
  int priority = 0;
  bool at_once = false;  // goes with the priority
  std::uint64_t errors = 0;
};

// The way of an input's frames to the home of its stream: the mirror turned round. At most one notice under way;
// bounded in bytes: what a home that is held up does not fetch is dropped up to the next key frame, and counted.
class InputBox {
 public:
  static constexpr std::size_t most_bytes = 32u << 20;

  // The input's worker. True if the home must be told to look.
  bool put(InputLetter letter);
  // The home. Hands over what has come, oldest first, for a turn; true if something is left to come back for.
  template <class F>
  bool take(net::Turn& turn, F use) {
    return box_.take([&](InputLetter&& letter) {
      if (letter.frame) bytes_.fetch_sub(weight_of(*letter.frame), std::memory_order_relaxed);
      use(std::move(letter));
      return turn.spend(letter_cost);
    });
  }
  std::uint64_t dropped_frames() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t letter_cost = 1024;  // of a turn, in bytes: a frame is packaged for each format

  // Small frames hold memory too.
  static std::size_t weight_of(const media::Frame& frame) { return frame.payload.size() + 256; }

  net::Mailbox<InputLetter> box_;
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::uint64_t> dropped_{0};
  bool dropping_ = false;   // the input's side: until the next key frame
  bool has_video_ = false;  // the same
};

}  // namespace weir::hub
