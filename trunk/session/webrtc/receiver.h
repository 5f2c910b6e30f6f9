#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_writer.h"
#include "base/error.h"
#include "proto/rtp/transport_feedback.h"
#include "proto/sdp/answer.h"
#include "session/common/media_sink.h"
#include "session/webrtc/breaker.h"
#include "session/webrtc/conversation.h"
#include "session/webrtc/frame_maker.h"
#include "session/webrtc/incoming.h"
#include "session/webrtc/key_asker.h"
#include "session/webrtc/packet_sink.h"
#include "session/webrtc/receiver_figures.h"

namespace weir::session::webrtc {

// The conversation with a publisher (WHIP): RTP in order becomes tracks and frames of one time, and what is missing is
// asked for again. Tells the sender what arrived (transport-wide feedback from the first packet, receiver reports, REMB
// where only that was agreed on), and asks for key frames. Sans-io; lives on its session's worker.
//
//   FramePublisher publisher(life, input);
//   Receiver receiver(publisher, transport, {.media = answer.media, .ssrc = random, ...});
//   transport.attach(receiver);
//   input.when_key_wanted([&] { receiver.want_key_frame(); });
class Receiver final : public Conversation {
 public:
  struct Options {
    std::vector<sdp::AgreedMedia> media;      // all lines of the answer
    std::uint32_t ssrc = 1;                   // ours, in reports
    std::string cname;                        // ours
    std::chrono::milliseconds key_period{0};  // pli_for_rtmp where the stream is bridged; zero: none without need
    std::uint8_t drop_payload = 0;            // drop_for_pt, for debugging; 0: none
    const Breaker* breaker = nullptr;         // of the worker, outlives the receiver; null: none
    // The publisher is to go: its sink refused its tracks. Called from rtp() or tick(), which go on to their end.
    std::function<void(base::ErrorCode)> failed;
    // tick() should be called by then, earlier than it said; a time that has passed: soon. Null: packets come anyway.
    std::function<void(base::Instant)> wake;
  };
  Receiver(MediaSink& sink, PacketSink& packets, Options options);
  ~Receiver() override;

  void connected(base::Instant now) override;
  void rtp(base::SharedBytes packet, base::Instant arrived) override;
  void rtcp(base::Bytes packet, base::Instant arrived) override;
  base::Instant tick(base::Instant now) override;

  // Readers want one: asked for soon, with others that want it.
  void want_key_frame();

  ReceiverFigures figures() const;

  static constexpr std::size_t most_sources = 16;
  static constexpr std::chrono::milliseconds report_every{1000}, feedback_every{100}, quick_feedback_every{50},
      nack_every{10}, taken_over_after{200}, forgotten_after{10'000};

 private:
  // One line of the answer that brings media, and the track that it is.
  struct Line {
    const sdp::AgreedMedia* media;
    media::TrackId track;
    std::unique_ptr<FrameMaker> maker;  // of the codec that came last
    Incoming* active = nullptr;         // whose frames are the track's
    KeyAsker asker;

    bool is_video() const { return media->kind == sdp::Kind::video; }
    bool needs_key() const { return active && (active->needs_key() || (maker && maker->needs_key())); }
  };
  struct Source {
    std::unique_ptr<Incoming> incoming;
    Line* line;
  };
  struct Retransmission {
    std::uint32_t ssrc;
    Line* line;
    std::uint32_t media;  // 0: whatever the line has
    base::Instant heard_at;
  };

  Line* line_of(const rtp::Packet& packet);
  Source* find(std::uint32_t ssrc);
  Source* bind(const rtp::Packet& packet, Line& line, const sdp::AgreedCodec& codec, base::Instant now);
  bool make_room(base::Instant now);
  void take_retransmission(Line& line, const sdp::AgreedCodec& codec, rtp::Packet packet, base::SharedBytes bytes,
                           base::Instant arrived);
  void drain(Source& source, base::Instant now);
  bool takes_over(const Line& line, const Incoming& incoming, base::Instant now) const;
  void activate(Line& line, Incoming& incoming);
  void emit(Line& line, Incoming& incoming, Incoming::Unit unit, base::Instant now);
  void tell_tracks();
  void refuse_payload(std::uint8_t payload, const Line* line);
  void note_arrival(const rtp::Packet& packet, const Line* line, base::Instant arrived);
  void take_sender_report(const rtp::SenderReport& report, base::Instant arrived);
  void take_delay(const rtp::DelaySinceReference& delay, base::Instant arrived);
  void aim_clocks();
  base::Instant due(const Incoming& incoming, base::Instant now) const;
  void send_nacks(base::Instant now);
  void send_feedback(base::Instant now);
  void send_reports(base::Instant now);
  void send_bitrate(double fraction_lost, std::uint64_t bitrate);
  void ask_for_keys(base::Instant now);
  template <class F>
  void send(F write);

  // given
  MediaSink& sink_;
  PacketSink& packets_;
  const Options options_;

  // owned
  std::vector<std::unique_ptr<Line>> lines_;
  std::vector<Source> sources_;
  std::vector<Retransmission> retransmissions_;
  rtp::ArrivalLog arrivals_;
  Synchroniser synchroniser_;

  // state
  bool connected_ = false, put_ = false, failed_ = false;
  base::Instant origin_{}, feedback_at_{}, report_at_{}, nack_at_{};
  base::Instant next_ = base::Instant::max();  // when tick() has something to do,
  base::Instant told_ = base::Instant::max();  // and when the caller believes that it has
  bool any_arrival_ = false;
  std::uint32_t feedback_media_ = 0;  // SSRC that the feedback is about, by its form
  std::chrono::milliseconds round_trip_{100};
  bool round_trip_known_ = false;
  std::uint64_t allowed_ = 2'500'000;  // REMB, bits a second
  std::bitset<128> refused_;           // payload types that were complained of
  base::Buffer room_;
  ReceiverFigures::Counts counts_;
};

}  // namespace weir::session::webrtc
