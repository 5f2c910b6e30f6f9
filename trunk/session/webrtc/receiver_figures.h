#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "media/codec_id.h"

namespace weir::session::webrtc {

// What the API says of a publisher by WebRTC.
struct ReceiverFigures {
  struct Counts {
    std::uint64_t packets = 0, bytes = 0;  // of RTP, as they came
    std::uint64_t nacks = 0;               // numbers that were asked for again
    std::uint64_t key_requests = 0;
    std::uint64_t unrepaired = 0;     // numbers that were not asked for, as the breaker said
    std::uint64_t malformed = 0;      // RTP or RTCP
    std::uint64_t unbound = 0;        // of no source: too many, or of no line
    std::uint64_t wrong_payload = 0;  // of a type that was not negotiated
    std::uint64_t strays = 0;         // numbers far from the others
    std::uint64_t wild_reports = 0;   // sender reports that nobody can believe
  };
  struct Source {
    std::uint32_t ssrc = 0;
    media::Codec codec = media::Codec::none;
    bool active = false;
    std::uint64_t packets = 0, bitrate_bps = 0;
    std::int64_t lost = 0;     // that never came, or by retransmission only
    double fraction_lost = 0;  // of the last second
    std::uint64_t recovered = 0, late = 0, duplicates = 0;
    std::uint64_t broken_frames = 0, dropped_frames = 0;  // dropped: whole, behind a broken one
    std::chrono::microseconds jitter{};
  };

  Counts counts;
  std::optional<std::chrono::milliseconds> round_trip;
  std::vector<Source> sources;
};

}  // namespace weir::session::webrtc
