#pragma once

#include <chrono>
#include <memory>

#include "app/bench/connection.h"
#include "app/bench/scan.h"
#include "app/bench/target.h"
#include "proto/rtmp/acknowledgement.h"

namespace weir::bench {

struct Tally;
class RtmpStart;

struct PlayerOptions {
  std::uint32_t stream = 0;  // its number, for the comparison with what was published
  bool parse = true;         // false: once the first frame is here, drop the bytes in the kernel and only count them
};

// A client that plays and throws away. Knows of its stream: bytes, frames, delays, the longest silence.
class Player : public Connection, protected Watcher {
 public:
  Player(Loop& loop, Tally& tally, PlayerOptions options) : Connection(loop), tally_(tally), options_(options) {}

  void start(const Endpoint& endpoint, std::uint32_t source);
  // The measurement begins or ends.
  void begin_window(base::Instant now);
  void end_window(base::Instant now);

  bool has_frame() const { return has_frame_; }
  std::uint32_t stream() const { return options_.stream; }
  std::uint64_t window_bytes() const { return window_bytes_; }
  std::chrono::nanoseconds longest_silence() const { return longest_silence_; }

 protected:
  void seen(const Seen& message) override;
  virtual void control(const Seen&) {}
  virtual base::Result<void> scan(base::Bytes in) = 0;
  void asked_to_play(base::Instant at) { asked_at_ = at; }
  Tally& tally() { return tally_; }

 private:
  void on_input(base::Bytes in, base::Instant now) final;
  void heard(base::Instant now);

  // given
  Tally& tally_;
  PlayerOptions options_;

  // state
  bool has_frame_ = false;
  base::Instant now_{}, started_at_{}, asked_at_{}, heard_at_{};
  std::uint64_t bytes_before_ = 0, window_bytes_ = 0;
  std::chrono::nanoseconds longest_silence_{};
};

class RtmpPlayer final : public Player {
 public:
  RtmpPlayer(Loop& loop, Tally& tally, PlayerOptions options, Target target);
  ~RtmpPlayer() override;

 private:
  void on_connected() override;
  base::Result<void> scan(base::Bytes in) override;
  void control(const Seen& message) override;

  // given
  Target target_;

  // state
  std::unique_ptr<RtmpStart> start_;  // until the server lets us play
  ChunkScan chunks_;
  std::size_t handshake_left_;
  rtmp::AcknowledgementWindow acknowledgement_;
};

class FlvPlayer final : public Player {
 public:
  FlvPlayer(Loop& loop, Tally& tally, PlayerOptions options, Target target)
      : Player(loop, tally, options), target_(std::move(target)) {}

 private:
  void on_connected() override;
  base::Result<void> scan(base::Bytes in) override;

  // given
  Target target_;

  // state
  FlvScan flv_;
};

}  // namespace weir::bench
