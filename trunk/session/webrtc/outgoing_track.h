#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "hub/log.h"
#include "hub/wire.h"
#include "pack/rtp_wire.h"
#include "proto/rtp/rtcp.h"
#include "proto/sdp/answer.h"
#include "session/webrtc/packet_sink.h"

namespace weir::session::webrtc {

// What the extension of that name asks of a receiver (10 ms units on the wire, at most 40.95 s).
struct PlayoutDelay {
  std::chrono::milliseconds least{0}, most{0};
};

// Of one source, as the API tells it.
struct TrackFigures {
  media::Codec codec = media::Codec::none;  // of the newest frame
  std::uint32_t ssrc = 0;
  std::uint64_t frames = 0, packets = 0, bytes = 0;
  std::uint64_t bitrate_bps = 0;  // between the last two calls of measure()
  std::uint64_t nacked = 0, resent = 0, resent_bytes = 0;
  std::uint64_t not_kept = 0;    // asked for again, and forgotten already
  std::uint64_t held_back = 0;   // asked for again, too often or too much
  std::uint64_t not_agreed = 0;  // frames of a codec that the answer had not
  // As the peer reported last.
  double fraction_lost = 0;
  std::int32_t lost = 0;
  std::chrono::microseconds jitter{0};
};

// What a player sends on one SSRC: a line of the answer with its numbers. Packets go into the sink, and of each run of
// them is kept where its frame stands in the feed's log, so that what the peer asks for again is taken from there. Of
// the runs the newest `most_kept` are known, and the log keeps them for as long as it was told to. Lives on the
// session's worker.
class OutgoingTrack {
 public:
  using Position = hub::Log<hub::Wire>::Position;

  struct Start {  // random numbers, RFC 3550 5.1
    std::uint16_t sequence = 0, retransmission_sequence = 0;
    std::uint32_t timestamp = 0;
  };
  // `transport_sequence` is counted by all tracks of the player (transport-cc); it and the sink outlive this.
  OutgoingTrack(const sdp::AgreedMedia& agreed, Start start, std::optional<PlayoutDelay> delay, PacketSink& sink,
                std::uint16_t& transport_sequence);

  // A frame that stands at `position` begins; one that was not sent to its end is given up. `time`: its media time in
  // the player's clock. False if the answer has no payload type for it.
  bool begin(const pack::RtpWire& wire, Position position, base::Ticks time);
  // Of the frame that began: at most `most` packets more, from where it stopped. Gives how many. `capture`: the NTP
  // time of the frame, for the first of them (abs-capture-time); 0 if none is due.
  std::size_t send(const pack::RtpWire& wire, std::size_t most, std::uint64_t capture);
  bool done(const pack::RtpWire& wire) const { return next_payload_ >= wire.count(); }
  std::optional<Position> current() const { return current_; }

  // The peer did not get it. Taken from the log and sent once more, as RTX where that was agreed (RFC 4588); not twice
  // within a round trip, and no more bytes than a share of what was sent.
  void resend(std::uint16_t sequence, const hub::Log<hub::Wire>& log, base::Instant now,
              base::Instant::duration round_trip);

  // RTCP about it.
  rtp::SenderReport report(std::uint64_t ntp, base::Ticks time) const;
  void note(const rtp::ReportBlock& block);
  // Each second or so.
  void measure(base::Instant now);

  std::uint32_t ssrc() const { return ssrc_; }
  media::Kind kind() const { return kind_; }
  bool sent_any() const { return figures_.packets > 0; }
  bool has_capture_time() const { return capture_id_ != 0; }
  const TrackFigures& figures() const { return figures_; }

  static constexpr std::size_t most_kept = 128;

 private:
  // Packets of one frame that were sent in one go. With all that is needed to write each again bit by bit: the same
  // number with other bytes behind it would be the same nonce for another message, which gives away GCM's key.
  struct Sent {
    Position position;
    std::uint64_t capture;  // of its first; 0: none
    std::uint32_t timestamp;
    std::uint16_t first_sequence, first_number, first_payload, count;
    std::uint8_t payload_type;
    std::optional<std::uint8_t> retransmission;
  };
  struct Apart {  // RTX
    std::uint8_t payload_type;
    std::uint16_t sequence, number;
  };
  struct Resent {
    std::uint16_t sequence;
    base::Instant at;
  };

  void lay_out_extensions(const sdp::ExtensionIds& ids, const std::string& mid, std::optional<PlayoutDelay> delay);
  std::size_t write_extensions(base::MutableBytes room, std::uint16_t number, std::uint64_t capture) const;
  void put(const Sent& sent, std::size_t index, base::Bytes payload, std::size_t of_frame, const Apart* apart);
  const Sent* find(std::uint16_t sequence) const;
  bool may_resend(std::uint16_t sequence, base::Instant now, base::Instant::duration round_trip);
  std::uint32_t timestamp_of(base::Ticks time) const;

  // given
  const media::Kind kind_;
  const std::uint32_t ssrc_, retransmission_ssrc_;
  PacketSink& sink_;
  std::uint16_t& transport_sequence_;

  // owned
  std::vector<sdp::AgreedCodec> codecs_;
  std::array<std::uint8_t, 40> extensions_{};  // as they stand in each packet, but for the number
  std::size_t extensions_bytes_ = 0, number_at_ = 0;
  std::uint8_t capture_id_ = 0;
  std::vector<Sent> sent_;      // a ring, made at the first packet
  std::vector<Resent> resent_;  // a ring, made at the first resend

  // state
  const sdp::AgreedCodec* codec_ = nullptr;
  std::uint32_t clock_rate_ = 0;
  std::uint32_t timestamp_base_, timestamp_ = 0;
  std::uint16_t sequence_, retransmission_sequence_;
  std::optional<Position> current_;
  std::size_t next_payload_ = 0;
  std::size_t newest_ = 0, kept_ = 0;  // of sent_
  std::size_t next_resent_ = 0;
  std::int64_t resend_credit_;
  base::Instant measured_at_{};
  std::uint64_t measured_bytes_ = 0;
  TrackFigures figures_;
};

}  // namespace weir::session::webrtc
