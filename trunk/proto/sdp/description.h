#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/sdp/error.h"

namespace weir::sdp {

enum class Kind : std::uint8_t { audio, video, application, other };
enum class Direction : std::uint8_t { sendrecv, sendonly, recvonly, inactive };
enum class Setup : std::uint8_t { none, actpass, active, passive, holdconn };  // RFC 4145 4

std::string_view name_of(Kind kind);
std::string_view name_of(Direction direction);

// One payload type of a media line: rtpmap, fmtp and rtcp-fb together.
struct Payload {
  std::uint8_t number = 0;
  std::string codec;  // as written: "H264", "opus", "OPUS"; of a static type without rtpmap its registered name
  std::uint32_t clock_rate = 0;
  unsigned channels = 1;
  std::string parameters;             // fmtp, as written
  std::vector<std::string> feedback;  // "nack", "nack pli", "transport-cc", ...; each once

  bool has_feedback(std::string_view kind) const;
  // The value of one parameter of fmtp ("packetization-mode"), names compared without case; none if it is not there.
  std::optional<std::string_view> parameter(std::string_view name) const;
};

// RFC 8285 8.
struct Extension {
  std::uint8_t id = 0;  // 1 to 255; 1 to 14 fit the one-byte form
  std::string uri;
  std::optional<Direction> direction;
};

struct Source {  // a=ssrc
  std::uint32_t ssrc = 0;
  std::string cname;
};

struct Fingerprint {  // RFC 8122 5
  std::string hash, value;
};

// What ICE and DTLS need; at session level it holds for all media that do not say otherwise.
struct Transport {
  std::string ufrag, password;
  std::vector<Fingerprint> fingerprints;
  Setup setup = Setup::none;
};

struct Media {
  Kind kind = Kind::other;
  std::string kind_text;  // as written
  std::uint16_t port = 0;
  std::string protocol;  // "UDP/TLS/RTP/SAVPF"
  std::string mid;
  Direction direction = Direction::sendrecv;
  bool rtcp_mux = false, rtcp_reduced = false, bundle_only = false;
  Transport transport;
  std::vector<Payload> payloads;
  std::vector<std::string> formats;  // of what is no RTP, as written
  std::vector<Extension> extensions;
  std::vector<Source> sources;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> retransmissions;  // ssrc-group:FID, media and its RTX
  std::vector<std::string> rids;                                         // a=rid of simulcast that are sent
  std::string msid;

  const Payload* find(std::uint8_t number) const;
  const Extension* find_extension(std::string_view uri) const;
  // RFC 8843 6: a port of zero means refused, unless the line says bundle-only.
  bool alive() const { return port != 0 || bundle_only; }
};

struct Description {
  std::string session_id;
  Transport transport;
  std::vector<std::string> bundle;  // mids of the first BUNDLE group
  bool ice_lite = false, mixed_extensions = false;
  std::vector<Media> media;

  // The transport of a media line with what the session says for all.
  Transport transport_of(const Media& media) const;
};

inline constexpr std::size_t most_bytes = 64 * 1024;
inline constexpr std::size_t most_media = 16, most_payloads = 64, most_extensions = 32, most_sources = 32;

// Reads an offer or answer (RFC 8866) with lines that end in CRLF or LF. Unknown lines and attributes are left out,
// doubled ones count once. On an error `fault` says where.
base::Result<Description> parse(std::string_view text, Fault& fault);

}  // namespace weir::sdp
