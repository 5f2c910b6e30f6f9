#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "media/codec_id.h"
#include "net/transport_figures.h"

namespace weir::session::webrtc {

// What the API and the log say of one session. Plain values, safe to send anywhere.
struct Report {
  // Packets of one source: of a player, what we send; of a publisher, what it sends.
  struct Track {
    bool video = false;
    media::Codec codec = media::Codec::none;  // none: nothing was sent yet
    std::uint32_t ssrc = 0;
    std::uint64_t packets = 0, bitrate_bps = 0;
    std::int64_t lost = 0;     // as the receiving side counts: what never came, or came by another packet only
    double fraction_lost = 0;  // of the last report
    std::chrono::microseconds jitter{};
    std::uint64_t nacked = 0;  // packets that were asked for again; of a player's track
    std::uint64_t resent = 0;  // that were sent again, or came by that
    std::uint64_t belated = 0;
    std::uint64_t broken_frames = 0, dropped_frames = 0;
  };

  std::string state;                    // in words: "no check arrived at udp/8000 in 5 s"
  std::string protocol, local, remote;  // of the pair in use: "udp" or "tcp"; empty: none yet
  std::string cipher;                   // of SRTP; empty: no keys yet
  std::chrono::milliseconds connected_after{};
  std::optional<std::chrono::microseconds> round_trip;
  std::uint64_t nacks = 0, key_frame_requests = 0;  // by whichever side receives media
  std::uint64_t unrepaired = 0;                     // lost, and left so by the circuit breaker
  std::uint64_t forged = 0, repeated = 0, garbled = 0, strangers = 0, moves = 0;
  std::vector<Track> tracks;
};

struct PlayerFigures;
struct ReceiverFigures;
void tell(Report& report, const PlayerFigures& figures);
void tell(Report& report, const ReceiverFigures& figures);

// The same as figures that all transports have.
net::TransportFigures transport_figures(const Report& report, bool publishes);

// "H264+Opus, RTT 12 ms, 3 of 1200 packets lost, jitter 2.1 ms, 3 asked for again, 3 sent again, 1 key frame asked
// for"; empty if no media went over it.
std::string media_words(const Report& report);

}  // namespace weir::session::webrtc
