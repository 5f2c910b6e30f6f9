#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "session/gb28181/media_desk.h"
#include "session/gb28181/signal_error.h"

namespace weir::session::gb28181 {

enum class Purpose : std::uint8_t { live, playback, download };

// A part of a recording, in seconds since 1970.
struct Span {
  std::int64_t start = 0, stop = 0;
};

struct Offer {
  Purpose purpose = Purpose::live;
  std::string owner;  // id in o=: the platform's
  std::string channel;
  std::string address;  // where media is to be sent
  std::uint16_t port = 0;
  MediaTransport transport = MediaTransport::tcp_passive;
  std::string ssrc;    // ten digits
  Span span;           // of playback and download
  unsigned speed = 0;  // of download: 1, 2, 4
};
// The SDP of an INVITE (GB/T 28181 annex F, G in 2022).
std::string make_offer(const Offer& offer);

// What a platform above asks for.
struct ForeignOffer {
  Purpose purpose = Purpose::live;
  std::string address;  // numeric
  std::uint16_t port = 0;
  MediaTransport transport = MediaTransport::udp;  // from its side: tcp_passive is for us to connect
  std::optional<std::uint32_t> ssrc;
  Span span;           // of playback and download
  unsigned speed = 0;  // of download; 0: unsaid
};
// SignalErrc::no_media: no media line, no address, another purpose than s= knows, or a recording without its time.
base::Result<ForeignOffer> parse_offer(std::string_view sdp);
// What it is answered: that we send a program stream, from this port of that address. `file_bytes`: of a download, if
// it is known.
std::string make_answer_sdp(const ForeignOffer& offer, const std::string& owner, const std::string& address,
                            std::uint16_t port, std::uint32_t ssrc, std::uint64_t file_bytes = 0);

struct OfferAnswer {
  MediaAnswer media;
  std::uint64_t file_bytes = 0;  // a=filesize, of a download; 0: unsaid
  std::string format;            // f= in words
};
// What a device answered. Nothing of it is believed but the port, c= and y=: what it says of transports and codecs is
// often wrong, and f= is shown alone. SignalErrc::no_media.
base::Result<OfferAnswer> parse_offer_answer(std::string_view sdp);

}  // namespace weir::session::gb28181
