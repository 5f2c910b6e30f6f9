#pragma once

#include <chrono>
#include <cstdint>

namespace weir::config {

enum class TimeJitter { full, zero, off };

struct Play {
  bool gop_cache = true;
  std::uint32_t gop_cache_max_frames = 2500;
  std::uint64_t gop_cache_max_bytes = 32ull << 20;
  std::chrono::milliseconds gop_cache_max_time = std::chrono::seconds(60);
  std::chrono::milliseconds queue_length =
      std::chrono::seconds(30);             // a player this far behind is moved to the newest key frame
  std::uint64_t queue_bytes = 32ull << 20;  // or this many bytes behind
  TimeJitter time_jitter = TimeJitter::full;
  bool atc = false;
  bool atc_auto = false;
  bool mix_correct = false;
  // Merged write. Adaptive: no wait while the worker has time, longer batches as it gets busy, never beyond mw_latency.
  // Unless written, adaptive is on exactly when neither mw_latency nor mw_msgs is written.
  bool mw_adaptive = true;
  std::chrono::milliseconds mw_latency{350};
  std::uint32_t mw_msgs = 8;      // 0 when min_latency is on and it is not written
  std::uint32_t rtc_mw_msgs = 0;  // what mw_msgs means for WebRTC: unless written 1, and 0 with rtc_min_latency
  std::chrono::milliseconds send_min_interval{0};
  bool reduce_sequence_header = false;
  std::chrono::milliseconds publish_wait = std::chrono::seconds(120);  // for a stream that nobody publishes
  std::chrono::milliseconds send_timeout = std::chrono::seconds(20);   // a write that makes no progress ends the player
  bool operator==(const Play&) const = default;
};

struct Publish {
  bool mr = false;
  std::chrono::milliseconds mr_latency{350};
  std::chrono::milliseconds firstpkt_timeout = std::chrono::seconds(20);
  std::chrono::milliseconds normal_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds track_wait = std::chrono::seconds(1);  // of the stream's begin; 0: none
  bool parse_sps = true;
  bool try_annexb_first = true;
  std::chrono::milliseconds kickoff_for_idle{0};               // 0: never
  std::uint32_t max_track_changes = 10;                        // a second; 0: no limit
  bool takeover = false;                                       // a second publisher of a name replaces the first
  bool standby = false;                                        // or stands by, to take over when the first one fails
  std::chrono::milliseconds grace = std::chrono::seconds(15);  // for a publisher that was cut off
  bool slate_last = false;  // while it waits, its last key frame and silence are sent: slate last
  std::chrono::milliseconds slate_limit = std::chrono::minutes(5);  // for so long at most, in place of the grace
  std::chrono::milliseconds input_timeout = std::chrono::seconds(2);
  std::chrono::milliseconds input_hold = std::chrono::seconds(5);
  std::chrono::milliseconds input_key_timeout{0};  // 0: however long it takes
  std::uint32_t input_errors = 0;                  // in a minute; 0: however many
  bool ts_analysis = true;                         // of transport streams that come: TR 101 290
  bool ts_pass_through = true;                     // their packets go to outputs of that kind as they came
  bool operator==(const Publish&) const = default;
};

}  // namespace weir::config
