#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/slab.h"
#include "net/meter.h"
#include "proto/dtls/endpoint.h"
#include "proto/ice/lite_agent.h"
#include "proto/srtp/session.h"
#include "session/webrtc/conversation.h"
#include "session/webrtc/error.h"
#include "session/webrtc/packet_sink.h"
#include "session/webrtc/protection.h"
#include "session/webrtc/send_batch.h"
#include "session/webrtc/way.h"

namespace weir::session::webrtc {

// The way to one peer: ICE-lite, DTLS and SRTP over datagrams (RFC 7983), for the Conversation above it. No socket and
// no clock: datagrams and `now` in, datagrams out. Nothing but answers to checks leaves before one was verified, and
// media goes to no address that did not pass one. What is forged, repeated or garbled is counted and changes nothing.
// Lives on its session's worker.
//
//   transport.input(datagram, way, now);  next = transport.tick(now);  // until over()
class Transport final : public PacketSink, private SendBatch::Owner {
 public:
  struct Given {
    std::shared_ptr<const dtls::Identity> identity;
    const srtp::Algorithms& algorithms;
    SendBatch& batch;  // the worker's
    DatagramOut& out;
    net::Meter& meter;
    ice::Credentials local, remote;
    dtls::Role role = dtls::Role::server;
    std::vector<dtls::Fingerprint> fingerprints;  // of the peer, as its SDP said
    std::vector<std::uint32_t> sources{};         // SSRCs of ours, for the good-bye
    // The DTLS association is 70 KiB, and after the handshake has only repeated flights and the good-bye left to say.
    bool keeps_association = true;
    Protection protection = Protection::srtp;
    std::chrono::milliseconds silence_limit{30'000};  // stun_timeout
  };
  Transport(Given given, base::Instant now);
  ~Transport() override;

  // Who is told of packets, before the first datagram; outlives this.
  void attach(Conversation& conversation) { conversation_ = &conversation; }

  // One datagram that came on that way; decrypted where it stands. True if it was a verified check, so that the way is
  // the peer's from now on.
  bool input(base::MutableBytes datagram, const Way& way, base::Instant now);
  // Does what is due, and says when it wants to be called next.
  base::Instant tick(base::Instant now);
  // Checks with other credentials count from now on (ICE restart).
  void restart(ice::Credentials local, ice::Credentials remote) { agent_.restart(std::move(local), std::move(remote)); }
  // The way is gone for good. Where media went over it, the peer must show soon that it has another.
  void lost(const Way& way, base::Instant now);
  // Says good-bye: RTCP BYE and close_notify. It is over then.
  void close(base::ErrorCode why);

  // PacketSink
  base::MutableBytes room(std::size_t most) override;
  void put_rtp(std::size_t size) override;
  void put_rtcp(std::size_t size) override;
  void flush() override;

  enum class State : std::uint8_t { waiting, handshaking, up, over };
  State state() const { return state_; }
  bool over() const { return state_ == State::over; }
  base::ErrorCode why_over() const { return why_; }
  // What DTLS says of a failure; empty if nothing.
  const std::string& failure() const { return failure_; }
  const ice::LiteAgent& agent() const { return agent_; }
  // Where media goes to; none before the first verified check.
  const std::optional<Way>& selected() const { return selected_; }
  // How media is encrypted, once it is up: "none" if it is not.
  std::string_view cipher() const { return sender_ ? srtp::name_of(sender_->profile()) : "none"; }

  struct Counts {
    std::uint64_t replays = 0, forged = 0, garbled = 0;  // of what came
    std::uint64_t strangers = 0;                         // from addresses that passed no check
    std::uint64_t dropped = 0;                           // packets of ours, while the peer was not there
    std::uint64_t moves = 0;                             // of the selected way
  };
  const Counts& counts() const { return counts_; }

  static constexpr std::chrono::milliseconds first_check_limit{10'000};
  static constexpr std::chrono::milliseconds consent_limit{5'000};       // RFC 7675; media stops then
  static constexpr std::chrono::milliseconds association_linger{5'000};  // the peer's last flight may be repeated

 private:
  std::optional<ice::Path> path_of(const Way& way);
  bool passed(const ice::Path& path) const;
  bool check(base::Bytes datagram, const ice::Path& path, const Way& way, base::Instant now);
  void handshake(base::Bytes datagram, base::Instant now);
  void media(base::MutableBytes datagram, const ice::Path& path, base::Instant now);
  void select();
  void settle(base::Result<void> outcome, base::Instant now);
  void establish(base::Instant now);
  void rise(base::Instant now);
  // Where it stands; the size of what is plain then.
  base::Result<std::size_t> open(base::MutableBytes datagram, bool control);
  void send_flight();
  void end(base::ErrorCode why);
  void count_fault(base::ErrorCode error);
  void put(base::Result<std::size_t> sealed);
  void leave(base::Bytes packets, std::size_t segment) override;

  // given
  Given given_;
  base::Instant born_;
  Conversation* conversation_ = nullptr;

  // owned
  ice::LiteAgent agent_;
  std::unique_ptr<dtls::Endpoint> association_;
  std::optional<srtp::Sender> sender_;
  std::optional<srtp::Receiver> receiver_;
  base::Slab slab_{4 * 1024, 64 * 1024};

  // state
  State state_ = State::waiting;
  base::ErrorCode why_;
  std::string failure_;
  std::vector<std::pair<net::UdpAddress, ListenerIndex>> locals_;  // by the route of a path
  std::vector<ice::Path> passed_;                                  // the newest last
  std::optional<Way> selected_;
  base::Instant drop_association_at_{}, leaving_at_{};
  bool consent_ = false;
  Counts counts_;
};

}  // namespace weir::session::webrtc
