#pragma once

#include <memory>

#include "app/bench/clip.h"
#include "app/bench/connection.h"
#include "app/bench/target.h"

namespace weir::bench {

struct Tally;
class RtmpStart;

// Replays a clip in real time over RTMP, round after round with timestamps that go on.
class Publisher final : public Connection {
 public:
  struct Options {
    std::uint32_t chunk_size = 4096;  // as OBS sends
  };
  Publisher(Loop& loop, Tally& tally, const Clip& clip, Target target, Options options);
  ~Publisher() override;

  void start(const Endpoint& endpoint, std::uint32_t source) { open(endpoint, source); }
  // Sends what is due and returns when the next message is. Each message is a send of its own unless `merge`.
  base::Instant pump(base::Instant now, bool merge);
  // The end in good order, as an encoder sends it when it is stopped; without it the connection just closes.
  void say_goodbye();
  bool publishing() const { return publishing_; }
  std::uint64_t sent_media_bytes() const { return sent_media_bytes_; }

 private:
  void on_connected() override;
  void on_input(base::Bytes in, base::Instant now) override;
  void append(const ClipMessage& message, std::uint32_t time_ms);
  base::Instant due() const;
  void flush();

  // given
  Tally& tally_;
  const Clip& clip_;
  Target target_;
  Options options_;

  // state
  std::unique_ptr<RtmpStart> conversation_;
  bool publishing_ = false;
  base::Instant began_at_{};
  std::size_t next_ = 0;
  std::uint64_t round_ = 0;
  std::uint64_t sent_media_bytes_ = 0;  // payload
  base::Buffer stamped_;
};

}  // namespace weir::bench
