#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "session/gb28181/media_desk.h"
#include "session/gb28181/signal_error.h"
#include "session/gb28181/voice_writer.h"

// SDP of sound that goes to a device: broadcast (GB/T 28181 9.12), where the device invites us, and talk, where we
// invite it.
namespace weir::session::gb28181 {

struct VoiceOffer {
  std::string address;  // numeric; empty: none was said
  std::uint16_t port = 0;
  MediaTransport transport = MediaTransport::udp;  // from its side: tcp_passive is for us to connect
  std::optional<std::uint32_t> ssrc;
  VoiceForm form;  // the best that it takes
};
// What a device wants, or answers. SignalErrc::no_media: no line of sound, or none that is alive; not_acceptable:
// neither G.711 nor a program stream.
base::Result<VoiceOffer> parse_voice_offer(std::string_view sdp);

struct VoiceAnswer {
  std::string owner;    // id in o=
  std::string address;  // ours
  std::uint16_t port = 0;
  std::uint32_t ssrc = 0;
};
// That we send what it wants.
std::string make_voice_answer(const VoiceOffer& offer, const VoiceAnswer& answer);
// That we want to send G.711 A and hear it; `transport` from our side.
std::string make_talk_offer(const std::string& channel, MediaTransport transport, const VoiceAnswer& ours);

}  // namespace weir::session::gb28181
