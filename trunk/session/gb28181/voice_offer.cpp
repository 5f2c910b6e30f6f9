#include "session/gb28181/voice_offer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/address.h"
#include "base/text.h"
#include "proto/sip/message.h"

namespace weir::session::gb28181 {

using media::Codec;

namespace {

constexpr std::uint8_t pcmu = 0, pcma = 8, program_stream = 96;
constexpr std::size_t most_types = 32;

std::string_view family_of(const std::string& address) {
  return address.find(':') == std::string::npos ? "IP4" : "IP6";
}

struct SoundLine {
  std::uint16_t port = 0;
  bool tcp = false;
  std::vector<std::uint8_t> types;
};

// "audio 15062 TCP/RTP/AVP 8 96"
SoundLine line_of(std::string_view value) {
  SoundLine out;
  const auto words = base::split(value, ' ');
  if (words.size() < 2) return out;
  const auto port = base::parse_number(base::split_first(words[1], '/').first);
  if (port && *port <= 65'535) out.port = static_cast<std::uint16_t>(*port);
  if (words.size() > 2) out.tcp = base::iequals(words[2].substr(0, 4), "TCP/");
  for (std::size_t i = 3; i < words.size() && out.types.size() < most_types; ++i) {
    const auto type = base::parse_number(words[i]);
    if (type && *type < 128) out.types.push_back(static_cast<std::uint8_t>(*type));
  }
  return out;
}

// As it is rather than in a program stream, and A rather than mu: what most devices play best.
std::optional<VoiceForm> form_of(const SoundLine& line, const std::map<std::uint8_t, std::string>& names) {
  const auto type_of = [&](std::string_view name, std::uint8_t usual) -> std::optional<std::uint8_t> {
    for (const std::uint8_t type : line.types) {
      const auto named = names.find(type);
      if (named == names.end() ? type == usual : base::iequals(named->second, name)) return type;
    }
    return std::nullopt;
  };
  if (const auto type = type_of("PCMA", pcma)) return VoiceForm{.codec = Codec::pcma, .payload_type = *type};
  if (const auto type = type_of("PCMU", pcmu)) return VoiceForm{.codec = Codec::pcmu, .payload_type = *type};
  if (const auto type = type_of("PS", program_stream)) {
    return VoiceForm{.codec = Codec::pcma, .in_program_stream = true, .payload_type = *type};
  }
  return std::nullopt;
}

}  // namespace

base::Result<VoiceOffer> parse_voice_offer(std::string_view sdp) {
  VoiceOffer out;
  std::optional<SoundLine> sound;
  std::map<std::uint8_t, std::string> names;
  std::string_view setup;
  bool in_sound = true;  // what stands before the first line of media is of all
  std::size_t lines = 0;
  for (const std::string_view raw : base::split(sdp.substr(0, sip::most_body_bytes), '\n')) {
    if (++lines > 256) break;
    const std::string_view line = base::trim(raw);
    if (line.size() < 2 || line[1] != '=') continue;
    const std::string_view value = base::trim(line.substr(2));
    if (line[0] == 'm') {
      in_sound = !sound && base::iequals(value.substr(0, 6), "audio ");
      if (in_sound) sound = line_of(value);
    } else if (line[0] == 'y') {
      const auto ssrc = base::parse_number(value);
      if (ssrc && *ssrc <= 0xffffffffU) out.ssrc = static_cast<std::uint32_t>(*ssrc);
    } else if (!in_sound) {
      continue;
    } else if (line[0] == 'c') {
      const auto address = base::numeric_address(value.substr(value.rfind(' ') + 1));
      if (address) out.address = *address;
    } else if (value.starts_with("setup:")) {
      setup = base::trim(value.substr(6));
    } else if (value.starts_with("rtpmap:") && names.size() < most_types) {
      const auto [number, name] = base::split_first(value.substr(7), ' ');
      const auto type = base::parse_number(number);
      if (type && *type < 128) {
        names[static_cast<std::uint8_t>(*type)] = base::split_first(base::trim(name), '/').first;
      }
    }
  }
  if (!sound || sound->port == 0) return SignalErrc::no_media;
  const auto form = form_of(*sound, names);
  if (!form) return SignalErrc::not_acceptable;
  out.form = *form;
  out.port = sound->port;
  if (sound->tcp) {
    out.transport = base::iequals(setup, "active") ? MediaTransport::tcp_active : MediaTransport::tcp_passive;
  }
  return out;
}

std::string make_voice_answer(const VoiceOffer& offer, const VoiceAnswer& answer) {
  const std::string_view family = family_of(answer.address);
  const bool tcp = offer.transport != MediaTransport::udp;
  const VoiceForm& form = offer.form;
  std::string out = fmt::format("v=0\r\no={} 0 0 IN {} {}\r\ns=Play\r\nc=IN {} {}\r\nt=0 0\r\n", answer.owner, family,
                                answer.address, family, answer.address);
  out += fmt::format("m=audio {} {}RTP/AVP {}\r\na=sendonly\r\n", answer.port, tcp ? "TCP/" : "", form.payload_type);
  out += form.in_program_stream
             ? fmt::format("a=rtpmap:{} PS/90000\r\n", form.payload_type)
             : fmt::format("a=rtpmap:{} PCM{}/8000\r\n", form.payload_type, form.codec == Codec::pcmu ? "U" : "A");
  if (tcp) {
    out += fmt::format("a=setup:{}\r\na=connection:new\r\n",
                       offer.transport == MediaTransport::tcp_passive ? "active" : "passive");
  }
  return out + fmt::format("y={:010}\r\nf=v/////a/1/8/1\r\n", answer.ssrc);
}

std::string make_talk_offer(const std::string& channel, MediaTransport transport, const VoiceAnswer& ours) {
  const std::string_view family = family_of(ours.address);
  const bool tcp = transport != MediaTransport::udp;
  std::string out = fmt::format("v=0\r\no={} 0 0 IN {} {}\r\ns=Talk\r\nc=IN {} {}\r\nt=0 0\r\n", channel, family,
                                ours.address, family, ours.address);
  out += fmt::format("m=audio {} {}RTP/AVP 8\r\na=sendrecv\r\na=rtpmap:8 PCMA/8000\r\n", ours.port, tcp ? "TCP/" : "");
  if (tcp) {
    out += fmt::format("a=setup:{}\r\na=connection:new\r\n",
                       transport == MediaTransport::tcp_passive ? "passive" : "active");
  }
  return out + fmt::format("y={:010}\r\nf=v/////a/1/8/1\r\n", ours.ssrc);
}

}  // namespace weir::session::gb28181
