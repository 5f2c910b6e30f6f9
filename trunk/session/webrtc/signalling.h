#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http/exchange.h"
#include "session/webrtc/session.h"

namespace weir::session::webrtc {

// What a client asks for, however it puts it: by WHIP, WHEP (RFC 9725) or SRS's JSON.
struct Wish {
  bool publishes = false;
  std::string host;  // of the virtual host, as in the Host header or the stream's URL
  std::string app, stream;
  std::string query;              // without '?': parameters for hooks and for us (eip, candidate, ice-ufrag, ...)
  std::string sdp;                // the offer
  std::string options{};          // more parameters that are for us alone
  bool always_encrypted = false;  // whatever the parameters say
};

// What came of it: an answer, or why not, as the status of HTTP and in words whose first line is SRS's number and name
// ("5012: RtcSdpDecode").
struct Outcome {
  std::optional<Ask::Answer> answer;
  int status = 201;
  std::string words;
  std::string elsewhere;  // 307: where to go instead

  static Outcome refused(int status, std::string_view code, std::string_view words);
};

// Asks for a session on this worker, and waits for its answer. The session goes on without the exchange.
net::Task<Outcome> open(Service& service, http::Exchange& exchange, Wish wish);

// The lines of an ICE restart or of trickled candidates (RFC 8840 9): `application/trickle-ice-sdpfrag`.
struct Fragment {
  ice::Credentials credentials;  // empty if it has none
  std::size_t candidates = 0;
  bool ended = false;  // a=end-of-candidates
  bool any() const { return ended || candidates > 0 || !credentials.ufrag.empty(); }
};
Fragment parse_fragment(std::string_view text);

}  // namespace weir::session::webrtc
