#pragma once

#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "support/catch.h"

namespace weir::test {

// A stream that must not suffer while others misbehave: publishes a frame and sees it arrive. Called "witness", over
// RTMP.
class Witness {
 public:
  explicit Witness(LiveServer& server)
      : publisher_(server.rtmp_port(), rtmp::Role::publish, "witness"),
        player_(server.rtmp_port(), rtmp::Role::play, "witness") {
    REQUIRE(publisher_.wait_publishing());
    REQUIRE(player_.wait_playing());
    publisher_.send_headers();
    publisher_.send_frame(0, true);
    REQUIRE(player_.wait_media(4));
  }
  // Sends a frame, and more each second until it has arrived: a stream never stops with one. Whether it arrived.
  bool well() {
    const std::size_t had = player_.media.size();
    for (int i = 0; i < 30 && !player_.closed; ++i) {
      publisher_.send_frame(time_ += 40, false);
      if (player_.run_until([&] { return player_.media.size() >= had + 2; }, std::chrono::seconds(1))) return true;
    }
    return false;
  }

 private:
  RtmpPeer publisher_, player_;
  std::uint32_t time_ = 0;
};

}  // namespace weir::test
