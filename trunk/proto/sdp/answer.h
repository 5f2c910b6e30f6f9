#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "media/codec_id.h"
#include "proto/sdp/description.h"

namespace weir::sdp {

// Header extensions that we know what to do with; 0: not agreed on.
struct ExtensionIds {
  std::uint8_t mid = 0, transport_cc = 0, abs_send_time = 0, abs_capture_time = 0, playout_delay = 0;
  std::uint8_t rid = 0, repaired_rid = 0, audio_level = 0;
};

// One payload type that both sides may use.
struct AgreedCodec {
  media::Codec codec = media::Codec::none;
  std::uint8_t payload = 0;
  std::optional<std::uint8_t> retransmission;  // RTX's payload type (RFC 4588)
  std::uint32_t clock_rate = 0;
  unsigned channels = 1;
  std::string parameters;  // of the offer's fmtp
  bool nack = false, pli = false, transport_cc = false, remb = false;
};

// One media line of the offer and what became of it, in the offer's order.
struct AgreedMedia {
  Kind kind = Kind::other;
  std::string mid;
  bool accepted = false;
  std::string refusal;  // why not, in words
  std::vector<AgreedCodec> codecs;
  ExtensionIds extensions;
  std::vector<Source> remote_sources;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> remote_retransmissions;
  std::vector<std::string> rids;
  std::uint32_t ssrc = 0, retransmission_ssrc = 0;  // ours, when we send

  const AgreedCodec* find(std::uint8_t payload) const;
  const AgreedCodec* find(media::Codec codec) const;
};

struct AnswerOptions {
  bool sends = false;                      // to a player; else a publisher is received
  std::vector<media::Codec> video, audio;  // what we can send or receive, best first
  bool several_codecs = false;             // all that fit, since what will be published is not known yet
  std::string h264_profile;                // profile-level-id of what is sent ("640028"); empty: unknown
  std::string ufrag, password;
  std::string fingerprint;                 // sha-256, of our certificate
  Setup preferred_setup = Setup::passive;  // for a peer that leaves it to us
  std::vector<std::string> candidates;     // values of a=candidate lines, best first
  std::string session_id;                  // decimal, below 2^63
  std::string stream_id, cname;            // of what we send
  bool nack = true, transport_cc = true;
  std::function<std::uint32_t()> make_ssrc;  // called for each line that we send on
};

struct Answer {
  std::string text;
  std::vector<AgreedMedia> media;
  Transport remote;              // the peer's
  Setup setup = Setup::passive;  // our role: passive is the DTLS server
};

// Answers an offer (RFC 9429 5.3, RFC 8829) as the lite side of ICE with everything bundled. A media line of a kind or
// codec that we do not have is refused alone (port 0); Errc if none is left. `fault` then says which line it was.
base::Result<Answer> answer(const Description& offer, const AnswerOptions& options, Fault& fault);

// The codec by its name in rtpmap, any case; none if we do not know it.
media::Codec codec_of(std::string_view name);

}  // namespace weir::sdp
