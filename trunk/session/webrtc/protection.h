#pragma once

#include <cstdint>

namespace weir::session::webrtc {

// How media between a peer and us is protected. Whatever it is, only addresses that passed a check are spoken to.
enum class Protection : std::uint8_t {
  srtp,       // RFC 5764: always, but for tests
  handshake,  // SRS's encrypt=false: DTLS is spoken, its keys are not used
  none,       // SRS's dtls=false: media begins behind the first check
};

}  // namespace weir::session::webrtc
