#include "session/gb28181/offer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/address.h"
#include "base/text.h"
#include "proto/sip/message.h"
#include "session/gb28181/said_format.h"

namespace weir::session::gb28181 {

namespace {

std::string_view name_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::playback:
      return "Playback";
    case Purpose::download:
      return "Download";
    case Purpose::live:
      break;
  }
  return "Play";
}

// "1767322800 1767326400"; nothing of it if one is none.
Span span_of(std::string_view value) {
  constexpr std::uint64_t latest = 1ULL << 40;
  const auto [from, to] = base::split_first(base::trim(value), ' ');
  const auto start = base::parse_number(from), stop = base::parse_number(base::trim(to));
  if (!start || !stop || *start > latest || *stop > latest) return {};
  return {static_cast<std::int64_t>(*start), static_cast<std::int64_t>(*stop)};
}

}  // namespace

std::string make_offer(const Offer& offer) {
  const std::string_view family = offer.address.find(':') == std::string::npos ? "IP4" : "IP6";
  const bool tcp = offer.transport != MediaTransport::udp;
  std::string out =
      fmt::format("v=0\r\no={} 0 0 IN {} {}\r\ns={}\r\n", offer.owner, family, offer.address, name_of(offer.purpose));
  if (offer.purpose != Purpose::live) out += fmt::format("u={}:0\r\n", offer.channel);
  out += fmt::format("c=IN {} {}\r\nt={} {}\r\n", family, offer.address, offer.span.start, offer.span.stop);
  // RFC 4145 4.1: a port where nobody listens is 9, yet devices look for a number of their own.
  out += fmt::format("m=video {} {}RTP/AVP 96 98 97 99\r\na=recvonly\r\n", offer.port == 0 ? 9 : offer.port,
                     tcp ? "TCP/" : "");
  out += "a=rtpmap:96 PS/90000\r\na=rtpmap:98 H264/90000\r\na=rtpmap:97 MPEG4/90000\r\na=rtpmap:99 H265/90000\r\n";
  if (tcp) {
    out += fmt::format("a=setup:{}\r\na=connection:new\r\n",
                       offer.transport == MediaTransport::tcp_passive ? "passive" : "active");
  }
  if (offer.purpose == Purpose::download)
    out += fmt::format("a=downloadspeed:{}\r\n", offer.speed == 0 ? 1 : offer.speed);
  return out + fmt::format("y={}\r\n", offer.ssrc);
}

base::Result<OfferAnswer> parse_offer_answer(std::string_view sdp) {
  OfferAnswer out;
  bool has_media = false;
  std::size_t lines = 0;
  while (!sdp.empty() && ++lines <= 256) {
    const auto end = sdp.find('\n');
    const std::string_view line = base::trim(sdp.substr(0, end));
    sdp = end == std::string_view::npos ? std::string_view() : sdp.substr(end + 1);
    if (line.size() < 2 || line[1] != '=') continue;
    const std::string_view value = base::trim(line.substr(2));
    switch (line[0]) {
      case 'c': {
        const auto address = base::numeric_address(value.substr(value.rfind(' ') + 1));
        if (address) out.media.address = *address;
        break;
      }
      case 'm': {
        // The first line that is alive: audio may be refused beside it.
        const auto words = base::split(value, ' ');
        const auto port = words.size() > 1 ? base::parse_number(base::split_first(words[1], '/').first) : std::nullopt;
        if (!has_media && port && *port != 0 && *port <= 65'535) {
          has_media = true;
          out.media.port = static_cast<std::uint16_t>(*port);
        }
        break;
      }
      case 'y': {
        const auto ssrc = base::parse_number(value);
        if (ssrc && *ssrc <= 0xffffffffU) out.media.ssrc = static_cast<std::uint32_t>(*ssrc);
        break;
      }
      case 'f':
        out.format = said_format(value);
        break;
      case 'a':
        if (value.starts_with("filesize:")) {
          out.file_bytes = base::parse_number(base::trim(value.substr(9))).value_or(0);
        }
        break;
      default:
        break;
    }
  }
  if (!has_media) return SignalErrc::no_media;
  return out;
}

base::Result<ForeignOffer> parse_offer(std::string_view sdp) {
  TRY(const OfferAnswer common, parse_offer_answer(sdp));
  ForeignOffer out{.address = common.media.address, .port = common.media.port, .ssrc = common.media.ssrc};
  std::string_view setup;
  bool tcp = false, known = false;
  for (const std::string_view raw : base::split(sdp.substr(0, sip::most_body_bytes), '\n')) {
    const std::string_view line = base::trim(raw);
    if (line.starts_with("a=setup:")) setup = base::trim(line.substr(8));
    if (line.starts_with("t=")) out.span = span_of(line.substr(2));
    if (line.starts_with("a=downloadspeed:")) {
      out.speed = static_cast<unsigned>(
          std::min<std::uint64_t>(base::parse_number(base::trim(line.substr(16))).value_or(1), 64));
    }
    if (line.starts_with("m=")) tcp = tcp || line.find("TCP/") != std::string_view::npos;
    if (!line.starts_with("s=")) continue;
    const std::string_view purpose = base::trim(line.substr(2));
    known = true;
    if (base::iequals(purpose, "Playback")) {
      out.purpose = Purpose::playback;
    } else if (base::iequals(purpose, "Download")) {
      out.purpose = Purpose::download;
    } else if (!base::iequals(purpose, "Play")) {
      return SignalErrc::no_media;
    }
  }
  if (!known || out.address.empty()) return SignalErrc::no_media;
  if (out.purpose != Purpose::live && (out.span.start <= 0 || out.span.stop <= out.span.start)) {
    return SignalErrc::no_media;
  }
  if (tcp) {
    out.transport = base::iequals(setup, "active") ? MediaTransport::tcp_active : MediaTransport::tcp_passive;
  }
  return out;
}

std::string make_answer_sdp(const ForeignOffer& offer, const std::string& owner, const std::string& address,
                            std::uint16_t port, std::uint32_t ssrc, std::uint64_t file_bytes) {
  const std::string_view family = address.find(':') == std::string::npos ? "IP4" : "IP6";
  std::string out = fmt::format("v=0\r\no={} 0 0 IN {} {}\r\ns={}\r\nc=IN {} {}\r\nt={} {}\r\n", owner, family, address,
                                name_of(offer.purpose), family, address, offer.span.start, offer.span.stop);
  out += fmt::format("m=video {} {}RTP/AVP 96\r\na=sendonly\r\na=rtpmap:96 PS/90000\r\n", port,
                     offer.transport == MediaTransport::udp ? "" : "TCP/");
  if (offer.transport != MediaTransport::udp) {
    out += fmt::format("a=setup:{}\r\na=connection:new\r\n",
                       offer.transport == MediaTransport::tcp_passive ? "active" : "passive");
  }
  if (offer.purpose == Purpose::download && file_bytes > 0) out += fmt::format("a=filesize:{}\r\n", file_bytes);
  return out + fmt::format("y={:010}\r\n", ssrc);
}

}  // namespace weir::session::gb28181
