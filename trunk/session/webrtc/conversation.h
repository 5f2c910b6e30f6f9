#pragma once

#include "base/bytes.h"
#include "base/clock.h"

namespace weir::session::webrtc {

// What a publishing or a playing session does with the packets of a transport that is up: no socket, no clock. Called
// by the transport, on the session's worker.
class Conversation {
 public:
  virtual ~Conversation() = default;
  // The keys are there: packets may be put into the sink.
  virtual void connected(base::Instant now) = 0;
  // A plain RTP packet that was authentic.
  virtual void rtp(base::SharedBytes packet, base::Instant arrived) = 0;
  // A plain compound RTCP packet that was authentic; valid during the call.
  virtual void rtcp(base::Bytes packet, base::Instant arrived) = 0;
  // Does what is due, and says when it wants to be called next.
  virtual base::Instant tick(base::Instant now) = 0;
};

}  // namespace weir::session::webrtc
