#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/feed.h"
#include "hub/message_reader.h"
#include "session/webrtc/breaker.h"
#include "session/webrtc/conversation.h"
#include "session/webrtc/media_clock.h"
#include "session/webrtc/outgoing_track.h"
#include "session/webrtc/pacer.h"
#include "session/webrtc/packet_sink.h"

namespace weir::session::webrtc {

// What time it is in the world (RFC 3550 4: 32.32 seconds since 1900) at an instant.
struct WallClock {
  base::Instant at{};
  std::uint64_t ntp = 0;

  static WallClock read();
  std::uint64_t ntp_at(base::Instant when) const;
};

struct PlayerOptions {
  std::vector<sdp::AgreedMedia> media;  // of the answer; lines that were not accepted are left out
  std::string cname;                    // as the answer says it
  WallClock wall = WallClock::read();
  std::function<base::Instant()> clock = [] { return std::chrono::steady_clock::now(); };
  std::function<std::uint32_t()> random;  // for first numbers; none: the system's
  // It cannot go on without a key frame: Hub::want_key_frame. May be null.
  std::function<void()> want_key_frame;
  // tick() should come at that time, which is earlier than it said itself. May be null if tick() comes each 10 ms.
  std::function<void(base::Instant)> wake;
  // state(), left() or error() became something to act on. May be null. The player may not be destroyed in it.
  std::function<void()> changed;
  std::optional<PlayoutDelay> playout_delay;  // only if it was asked for
  const Breaker* breaker = nullptr;           // of the worker, outlives the player; null: none
  // What of a cached group of pictures a newcomer is given at once; who comes later waits for the next key frame.
  base::Ticks most_start_time = std::chrono::seconds(4);
  std::size_t most_start_packets = 800;
};

struct PlayerFigures {
  TrackFigures video, audio;                // without SSRC: the answer has none
  std::chrono::microseconds round_trip{0};  // 0: not known yet
  std::uint64_t key_frame_requests = 0;     // PLI and FIR
  std::uint64_t nacks = 0, reports = 0, feedback = 0;
  std::uint64_t unrepaired = 0;   // packets that were asked for and not sent again, as the breaker said
  std::uint64_t garbled = 0;      // RTCP
  std::uint64_t late_starts = 0;  // groups of pictures that were too long to be given to a newcomer
};

// A WebRTC player: reads the RTP format of a stream from its feed and says it to one peer, with numbers of its own, so
// that there is no gap whatever becomes of the publisher. A newcomer is given the cached group of pictures with times
// close together up to the live edge, paced; what is lost is sent again out of the feed's log.
//
// Lives on the session's worker; feed and sink outlive it.
//
//   Player player(subscription.feed(), transport, options);   // of format pack::rtp
class Player final : public Conversation, private hub::MessageReader::Taker {
 public:
  Player(hub::Feed& feed, PacketSink& sink, PlayerOptions options);
  ~Player() override;

  void connected(base::Instant now) override;
  void rtp(base::SharedBytes packet, base::Instant arrived) override;
  void rtcp(base::Bytes packet, base::Instant arrived) override;
  base::Instant tick(base::Instant now) override;
  // Says good-bye (RTCP BYE) for all its sources, and sends nothing more.
  void leave();

  hub::Reader::State state() const { return reader_.state(); }
  // Why it cannot go on: what the feed says. None while it can.
  base::ErrorCode error() const { return reader_.error(); }
  bool left() const { return left_; }  // the peer said BYE
  // See hub::Reader::note_first.
  void note_first(std::chrono::steady_clock::time_point& when) { reader_.note_first(when); }
  base::Ticks behind() const { return reader_.behind(); }
  std::uint32_t skips() const { return reader_.skips(); }
  PlayerFigures figures() const;

 private:
  using Took = hub::MessageReader::Took;
  using Position = OutgoingTrack::Position;

  // hub::MessageReader::Taker
  Took take(const hub::Wire& wire, bool begins) override;
  std::size_t flush() override;
  void reader_changed() override;

  bool begin_group(const pack::RtpWire& first);
  std::optional<base::Ticks> time_of(const pack::RtpWire& view, bool begins);
  std::uint64_t capture_of(const OutgoingTrack& track, base::Ticks time);
  void want_key_frame(base::Instant now);
  void handle(const rtp::RtcpItem& item, base::Instant now);
  void note_report(const rtp::ReportBlock& block, base::Instant now);
  void send_reports(base::Instant now);
  void put_rtcp();
  template <class F>
  void each_track(F visit) const {
    for (OutgoingTrack* track : {video_.get(), audio_.get()}) {
      if (track) visit(*track);
    }
  }
  OutgoingTrack* track_of(media::Kind kind) { return (kind == media::Kind::video ? video_ : audio_).get(); }

  // given
  PacketSink& sink_;
  PlayerOptions options_;

  // owned
  std::unique_ptr<OutgoingTrack> video_, audio_;
  hub::MessageReader reader_;
  base::Buffer scratch_;

  // state: what is sent
  base::Instant now_{};  // when the turn began
  bool in_turn_ = false;
  std::size_t turn_packets_ = 0;
  Pacer pacer_;
  std::optional<base::Instant> resume_at_;  // held back until then
  MediaClock clock_;
  std::array<std::optional<std::uint32_t>, 2> generations_;  // of picture and sound
  base::Ticks newest_picture_ = base::Ticks::min();
  Position catch_up_until_ = 0;  // up to there the cached pictures stand close together, without sound
  std::size_t catch_up_left_ = 0;
  base::Ticks catch_up_edge_{};  // the time of the last of them

  // state: RTCP
  std::uint16_t transport_sequence_ = 0;
  std::chrono::microseconds round_trip_{0};
  base::Instant next_report_ = base::Instant::max(), key_wanted_at_{};
  std::array<base::Instant, 2> next_capture_{};  // of picture and sound
  std::optional<std::uint8_t> last_command_;     // of FIR
  PlayerFigures figures_;
  bool connected_ = false, leaving_ = false, left_ = false;
};

}  // namespace weir::session::webrtc
