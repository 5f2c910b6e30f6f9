#pragma once

#include <functional>
#include <memory>

#include "hub/hub.h"
#include "proto/sdp/answer.h"
#include "session/webrtc/breaker.h"
#include "session/webrtc/conversation.h"
#include "session/webrtc/packet_sink.h"
#include "session/webrtc/report.h"

namespace weir::session::webrtc {

// What a session is besides its transport: the token of a player or a publisher, and what it says. It lives as long as
// the session, on its worker.
class Party {
 public:
  virtual ~Party() = default;
  // What it can send or take, before the offer is answered: codecs, profile, names.
  virtual void describe(sdp::AnswerOptions& options) = 0;
  // How it calls the session.
  struct Bell {
    // Conversation::tick() should come at that time, which is earlier than it said itself.
    std::function<void(base::Instant)> wake;
    // The session is to look at ended(); not in the middle of the conversation's work.
    std::function<void()> changed;
    const Breaker* breaker = nullptr;  // the worker's
  };
  // The offer was answered. The sink outlives the conversation, which goes before the party.
  virtual std::unique_ptr<Conversation> begin(const sdp::Answer& answer, PacketSink& sink, Bell bell) = 0;
  virtual const hub::Record& record() const = 0;
  // What became of its media so far: all of the report that the transport does not know.
  virtual void tell(Report& report) const = 0;
  // Why it cannot go on; none while it can.
  virtual base::ErrorCode ended() { return {}; }
  // The session is over, and the conversation about to go.
  virtual void over(base::ErrorCode why) = 0;
};

// Asks the hub whether somebody may publish or play; everything that it takes for that is the party's, and given back
// with it.
struct Doors {
  using Admit = std::function<net::Task<hub::Verdict<std::unique_ptr<Party>>>(net::Life&, hub::Request, hub::Link)>;
  Admit publish, play;
};

}  // namespace weir::session::webrtc
