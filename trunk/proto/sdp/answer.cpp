#include "proto/sdp/answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "proto/sdp/h264_profile.h"

namespace weir::sdp {

using base::Result;
using media::Codec;

namespace {

struct KnownExtension {
  std::string_view uri;
  std::uint8_t ExtensionIds::* place;
};
constexpr KnownExtension known_extensions[] = {
    {"urn:ietf:params:rtp-hdrext:sdes:mid", &ExtensionIds::mid},
    {"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", &ExtensionIds::transport_cc},
    {"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", &ExtensionIds::abs_send_time},
    {"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time", &ExtensionIds::abs_capture_time},
    {"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", &ExtensionIds::playout_delay},
    {"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", &ExtensionIds::rid},
    {"urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", &ExtensionIds::repaired_rid},
    {"urn:ietf:params:rtp-hdrext:ssrc-audio-level", &ExtensionIds::audio_level},
};

// What is answered of the extensions: those that a sender of media uses, or that we read as a receiver.
bool wanted(const KnownExtension& extension, const AnswerOptions& options) {
  if (extension.place == &ExtensionIds::transport_cc) return options.transport_cc;
  if (!options.sends) return extension.place != &ExtensionIds::playout_delay;
  return extension.place == &ExtensionIds::mid || extension.place == &ExtensionIds::abs_capture_time ||
         extension.place == &ExtensionIds::playout_delay;
}

bool can_packetise(const Payload& payload, Codec codec) {
  // Packetization mode 1 has fragments; mode 0, which a missing parameter means, has none (RFC 6184 6.2). Who says
  // nothing at all takes them all the same: GStreamer without such caps, as SRS has it too.
  return codec != Codec::h264 || payload.parameters.empty() ||
         payload.parameter("packetization-mode").value_or("0") == "1";
}

// How well a payload type fits; less is better.
int distance(const Payload& payload, Codec codec, const AnswerOptions& options) {
  if (codec != Codec::h264) return 0;
  if (payload.parameters.empty()) return 3;
  const auto offered = h264_profile(payload.parameter("profile-level-id").value_or("42000a"));
  const auto ours = h264_profile(options.h264_profile);
  if (ours) return offered == ours ? 0 : 1;
  if (offered == H264Profile::constrained_baseline) return 0;  // what every browser sends and decodes
  return offered == H264Profile::baseline || offered == H264Profile::main ? 1 : 2;
}

AgreedCodec agree(const Media& line, const Payload& payload, Codec codec, const AnswerOptions& options) {
  AgreedCodec out;
  out.codec = codec;
  out.payload = payload.number;
  out.clock_rate = payload.clock_rate;
  out.channels = payload.channels;
  out.parameters = payload.parameters;
  out.nack = options.nack && payload.has_feedback("nack");
  out.pli = options.nack && payload.has_feedback("nack pli");
  const bool numbered = line.find_extension(known_extensions[1].uri) != nullptr;
  out.transport_cc = options.transport_cc && numbered && payload.has_feedback("transport-cc");
  out.remb = !out.transport_cc && payload.has_feedback("goog-remb");
  for (const Payload& other : line.payloads) {
    if (!out.nack || !base::iequals(other.codec, "rtx")) continue;
    if (base::parse_number(other.parameter("apt").value_or("")) == payload.number) out.retransmission = other.number;
  }
  return out;
}

std::vector<AgreedCodec> choose(const Media& line, const AnswerOptions& options) {
  std::vector<AgreedCodec> chosen;
  for (const Codec codec : line.kind == Kind::video ? options.video : options.audio) {
    const Payload* best = nullptr;
    for (const Payload& payload : line.payloads) {
      if (codec_of(payload.codec) != codec || !can_packetise(payload, codec)) continue;
      if (!best || distance(payload, codec, options) < distance(*best, codec, options)) best = &payload;
    }
    if (best) chosen.push_back(agree(line, *best, codec, options));
    if (!chosen.empty() && !options.several_codecs) break;
  }
  return chosen;
}

std::string names_of(const Media& line) {
  std::string names;
  for (const Payload& payload : line.payloads) {
    if (payload.codec.empty() || names.find(payload.codec) != std::string::npos || names.size() > 200) continue;
    names += (names.empty() ? "" : ", ") + base::printable(payload.codec, 30);
  }
  return names;
}

bool direction_fits(Direction direction, bool we_send) {
  if (direction == Direction::sendrecv) return true;
  return direction == (we_send ? Direction::recvonly : Direction::sendonly);
}

AgreedMedia examine(const Description& offer, const Media& line, const AnswerOptions& options, Errc& why) {
  AgreedMedia out;
  out.kind = line.kind;
  out.mid = line.mid;
  const auto refuse = [&](Errc code, std::string words) {
    out.refusal = std::move(words);
    if (code != Errc::no_media) why = code;
    return out;
  };
  if (line.kind != Kind::audio && line.kind != Kind::video) {
    return refuse(Errc::no_media, fmt::format("{} is not served", base::printable(line.kind_text, 30)));
  }
  if (!line.alive()) return refuse(Errc::no_media, "the offer itself refuses the line");
  const bool bundled = std::find(offer.bundle.begin(), offer.bundle.end(), line.mid) != offer.bundle.end();
  if (!bundled && offer.media.size() > 1) return refuse(Errc::no_bundle, describe(Errc::no_bundle));
  if (!line.rtcp_mux) return refuse(Errc::no_rtcp_mux, describe(Errc::no_rtcp_mux));
  if (!direction_fits(line.direction, options.sends)) {
    return refuse(Errc::wrong_direction, fmt::format("{} is {}", name_of(line.kind), name_of(line.direction)));
  }
  out.codecs = choose(line, options);
  if (out.codecs.empty()) {
    return refuse(Errc::no_common_codec, fmt::format("none of {} fits", names_of(line)));
  }
  for (const KnownExtension& extension : known_extensions) {
    const Extension* const offered = line.find_extension(extension.uri);
    if (offered && offered->id <= 14 && wanted(extension, options)) out.extensions.*extension.place = offered->id;
  }
  out.remote_sources = line.sources;
  out.remote_retransmissions = line.retransmissions;
  out.rids = line.rids;
  out.accepted = true;
  if (options.sends && options.make_ssrc) {
    out.ssrc = options.make_ssrc();
    if (out.codecs.front().retransmission) out.retransmission_ssrc = options.make_ssrc();
  }
  return out;
}

Setup our_setup(Setup theirs, Setup preferred) {
  if (theirs == Setup::active) return Setup::passive;
  if (theirs == Setup::passive) return Setup::active;
  return theirs == Setup::actpass ? preferred : Setup::passive;
}

class Writer {
 public:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += "\r\n";
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void write_codec(Writer& w, const AgreedCodec& codec, const Payload& offered) {
  if (codec.channels > 1) {
    w.line("a=rtpmap:{} {}/{}/{}", codec.payload, offered.codec, codec.clock_rate, codec.channels);
  } else {
    w.line("a=rtpmap:{} {}/{}", codec.payload, offered.codec, codec.clock_rate);
  }
  if (codec.nack) w.line("a=rtcp-fb:{} nack", codec.payload);
  if (codec.pli) w.line("a=rtcp-fb:{} nack pli", codec.payload);
  if (codec.transport_cc) w.line("a=rtcp-fb:{} transport-cc", codec.payload);
  if (codec.remb) w.line("a=rtcp-fb:{} goog-remb", codec.payload);
  if (!codec.parameters.empty()) w.line("a=fmtp:{} {}", codec.payload, codec.parameters);
  if (!codec.retransmission) return;
  w.line("a=rtpmap:{} rtx/{}", *codec.retransmission, codec.clock_rate);
  w.line("a=fmtp:{} apt={}", *codec.retransmission, codec.payload);
}

std::string payload_numbers(const AgreedMedia& agreed) {
  std::string out;
  for (const AgreedCodec& codec : agreed.codecs) {
    out += fmt::format(" {}", codec.payload);
    if (codec.retransmission) out += fmt::format(" {}", *codec.retransmission);
  }
  return out;
}

// A refused line keeps its place, kind and mid, with port 0 (RFC 9429 5.3.1).
void write_refused(Writer& w, const Media& line) {
  std::string formats = line.payloads.empty() ? std::string() : std::to_string(line.payloads.front().number);
  if (formats.empty()) formats = line.formats.empty() ? "0" : line.formats.front();
  w.line("m={} 0 {} {}", line.kind_text, line.protocol, formats);
  w.line("c=IN IP4 0.0.0.0");
  if (!line.mid.empty()) w.line("a=mid:{}", line.mid);
  w.line("a=inactive");
}

void write_sources(Writer& w, const AgreedMedia& agreed, const AnswerOptions& options) {
  const std::string track = std::string(name_of(agreed.kind));
  w.line("a=msid:{} {}", options.stream_id, track);
  if (agreed.retransmission_ssrc != 0) w.line("a=ssrc-group:FID {} {}", agreed.ssrc, agreed.retransmission_ssrc);
  for (const std::uint32_t ssrc : {agreed.ssrc, agreed.retransmission_ssrc}) {
    if (ssrc == 0) continue;
    w.line("a=ssrc:{} cname:{}", ssrc, options.cname);
    w.line("a=ssrc:{} msid:{} {}", ssrc, options.stream_id, track);
  }
}

void write_media(Writer& w, const Media& line, const AgreedMedia& agreed, const Answer& answer,
                 const AnswerOptions& options) {
  w.line("m={} 9 {}{}", line.kind_text, line.protocol, payload_numbers(agreed));
  w.line("c=IN IP4 0.0.0.0");
  w.line("a=rtcp:9 IN IP4 0.0.0.0");
  w.line("a=ice-ufrag:{}", options.ufrag);
  w.line("a=ice-pwd:{}", options.password);
  w.line("a=fingerprint:sha-256 {}", options.fingerprint);
  w.line("a=setup:{}", answer.setup == Setup::active ? "active" : "passive");
  if (!line.mid.empty()) w.line("a=mid:{}", line.mid);
  for (const KnownExtension& extension : known_extensions) {
    if (agreed.extensions.*extension.place != 0) {
      w.line("a=extmap:{} {}", agreed.extensions.*extension.place, extension.uri);
    }
  }
  w.line("a={}", options.sends ? "sendonly" : "recvonly");
  w.line("a=rtcp-mux");
  if (line.rtcp_reduced) w.line("a=rtcp-rsize");
  for (const AgreedCodec& codec : agreed.codecs) write_codec(w, codec, *line.find(codec.payload));
  if (!agreed.rids.empty() && !options.sends) {
    std::string rids;
    for (const std::string& rid : agreed.rids) {
      w.line("a=rid:{} recv", rid);
      rids += (rids.empty() ? "" : ";") + rid;
    }
    w.line("a=simulcast:recv {}", rids);
  }
  if (options.sends && agreed.ssrc != 0) write_sources(w, agreed, options);
  for (const std::string& candidate : options.candidates) w.line("a=candidate:{}", candidate);
  w.line("a=end-of-candidates");
}

}  // namespace

const AgreedCodec* AgreedMedia::find(std::uint8_t payload) const {
  for (const AgreedCodec& codec : codecs) {
    if (codec.payload == payload) return &codec;
  }
  return nullptr;
}

const AgreedCodec* AgreedMedia::find(Codec wanted_codec) const {
  for (const AgreedCodec& codec : codecs) {
    if (codec.codec == wanted_codec) return &codec;
  }
  return nullptr;
}

Codec codec_of(std::string_view name) {
  constexpr std::pair<std::string_view, Codec> names[] = {
      {"H264", Codec::h264}, {"H265", Codec::hevc}, {"AV1", Codec::av1},   {"VP8", Codec::vp8},
      {"VP9", Codec::vp9},   {"opus", Codec::opus}, {"PCMA", Codec::pcma}, {"PCMU", Codec::pcmu},
  };
  for (const auto& [known, codec] : names) {
    if (base::iequals(name, known)) return codec;
  }
  return Codec::none;
}

Result<Answer> answer(const Description& offer, const AnswerOptions& options, Fault& fault) {
  fault = {};
  Answer out;
  Errc why = Errc::no_media;
  const Media* first = nullptr;
  for (const Media& line : offer.media) {
    out.media.push_back(examine(offer, line, options, why));
    if (out.media.back().accepted && !first) first = &line;
    if (!out.media.back().accepted) fault.text = out.media.back().refusal;
  }
  if (!first) return why;
  fault = {};
  out.remote = offer.transport_of(*first);
  if (out.remote.ufrag.empty() || out.remote.password.empty()) return Errc::no_ice;
  if (out.remote.fingerprints.empty()) return Errc::no_fingerprint;
  out.setup = our_setup(out.remote.setup, options.preferred_setup);

  Writer w;
  w.line("v=0");
  w.line("o=- {} 1 IN IP4 127.0.0.1", options.session_id);
  w.line("s=-");
  w.line("t=0 0");
  w.line("a=ice-lite");
  std::string mids;
  for (const AgreedMedia& agreed : out.media) {
    if (agreed.accepted) mids += " " + agreed.mid;
  }
  if (!offer.bundle.empty()) w.line("a=group:BUNDLE{}", mids);
  if (offer.mixed_extensions) w.line("a=extmap-allow-mixed");
  w.line("a=msid-semantic: WMS {}", options.sends ? options.stream_id : "*");
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    if (out.media[i].accepted) {
      write_media(w, offer.media[i], out.media[i], out, options);
    } else {
      write_refused(w, offer.media[i]);
    }
  }
  out.text = w.take();
  return out;
}

}  // namespace weir::sdp
