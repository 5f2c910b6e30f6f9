#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/notifier.h"
#include "net/timer_wheel.h"
#include "session/webrtc/live_tracks.h"
#include "session/webrtc/party.h"
#include "session/webrtc/service.h"
#include "session/webrtc/transport.h"

namespace weir::session::webrtc {

// What a request wants of a session, and what comes of it. Shared by the request and the session, on one worker.
struct Ask {
  explicit Ask(boost::asio::io_context& io) : done(io) {}

  // given
  hub::Request request;
  bool publishes = false;
  Protection protection = Protection::srtp;
  sdp::Description offer;
  std::vector<std::string> candidates;    // as a=candidate says them
  std::optional<ice::Credentials> local;  // if the peer chose ours
  LiveTracks live{};                      // of a player's stream

  struct Answer {
    std::string sdp;
    std::string secret;      // of its URL
    std::string session_id;  // "OURS:THEIRS", as SRS names it
    std::string etag;
  };
  // Made by the session; `words` says why there is none, beside the error.
  std::optional<hub::Verdict<Answer>> answer;
  std::string words;
  net::Notifier done;
};

// One peer, from its offer to its end: asks the hub, answers, connects, and lets transport and conversation do the
// rest. Lives in the frame of serve(), on the worker of the request that began it.
class Session {
 public:
  Session(net::Life& life, Service& service, Ask& ask);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  net::Task<hub::Verdict<Ask::Answer>> begin();
  // Until the peer leaves, is lost or told to go; the reason.
  net::Task<base::ErrorCode> run();
  void log_end(base::ErrorCode why) const;

  // A datagram for it. True if it was a verified check.
  bool input(base::MutableBytes datagram, const Way& way, base::Instant now);
  void lost(const Way& way);
  // Ends it, with good-byes.
  void end(base::ErrorCode why);
  const std::string& etag() const { return etag_; }
  // An ICE restart with the peer's new credentials: ours. Errc::ufrag_taken hardly ever.
  base::Result<ice::Credentials> restart(ice::Credentials remote);
  const Transport& transport() const { return *transport_; }
  Report report() const;
  // What the session waits for or does, in words.
  std::string state() const;

 private:
  base::Result<sdp::Answer> agree();
  base::Result<void> enter(const std::string& ufrag);
  void build(const sdp::Answer& answer);
  void tick();
  void wake_at(base::Instant at);
  void look();
  const net::TransportFigures& figures();
  void tell_figures(base::Instant now);

  // given
  net::Life& life_;
  Service& service_;
  Ask* ask_;  // until the answer is made

  // owned; the conversation goes first, then the transport, then the token
  net::Meter meter_;
  net::TransportFigures figures_;  // as of the last call; the last ones of the session when its party goes
  hub::Request request_;           // for the log
  const bool publishes_;
  SessionTable::Pending pending_;
  std::vector<SessionTable::Entry> entries_;  // the newest last
  std::unique_ptr<Party> party_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Conversation> conversation_;
  net::TimerWheel::Timer timer_;
  net::Notifier wake_;

  // state
  const SessionNumber number_;
  const std::string secret_;
  std::string etag_;
  ice::Credentials local_;
  std::string ports_;                         // for the log: "udp/8000"
  base::Instant due_ = base::Instant::max();  // when the timer comes
  base::Instant born_ = std::chrono::steady_clock::now();
  Transport::State seen_ = Transport::State::waiting;
  std::chrono::milliseconds connected_after_{};
  base::Instant told_at_{};
  std::uint64_t told_nacks_ = 0, told_key_requests_ = 0, told_unrepaired_ = 0;
  bool entered_ = false;
};

// The life of a session: makes the answer, and then lives on without the request.
net::Task<void> serve(net::Life& life, Service& service, std::shared_ptr<Ask> ask);

}  // namespace weir::session::webrtc
