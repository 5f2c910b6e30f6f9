#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/durations.h"

namespace weir::hooks {

enum class Hook : std::uint8_t {
  on_connect,
  on_close,
  on_publish,
  on_unpublish,
  on_play,
  on_stop,
  on_dvr,
  on_hls,
  on_hls_notify,
  on_forward,
  on_device_online,
  on_device_offline,
  on_device_alarm,
  on_srt_passphrase,
  on_device_talk,
  on_device_talk_over,
};
inline constexpr std::array<std::string_view, 16> hook_names{
    "on_connect",      "on_close",          "on_publish",       "on_unpublish",
    "on_play",         "on_stop",           "on_dvr",           "on_hls",
    "on_hls_notify",   "on_forward",        "on_device_online", "on_device_offline",
    "on_device_alarm", "on_srt_passphrase", "on_device_talk",   "on_device_talk_over"};
constexpr std::string_view name_of(Hook hook) { return hook_names[static_cast<std::size_t>(hook)]; }

// What became of the calls, for /metrics. Of the whole process: touched once a call, never for media. Any thread.
struct Figures {
  using Count = std::atomic<std::uint64_t>;
  struct Calls {
    Count good{0};               // answered as SRS wants it
    Count denied{0};             // answered with a no
    Count failed{0};             // no answer, or none that can be understood
    Count dropped{0};            // told nobody: the queue was full
    base::SharedDurations took;  // from the call to the end of the answer
  };
  std::array<Calls, hook_names.size()> calls;
  Count retried{0};
  Count opened{0};  // connections made; the rest of the calls went over connections kept
  std::atomic<std::int64_t> queued{0}, asking{0};

  Calls& of(Hook hook) { return calls[static_cast<std::size_t>(hook)]; }
};

}  // namespace weir::hooks
