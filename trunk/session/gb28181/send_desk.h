#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "hub/request.h"
#include "session/gb28181/media_desk.h"
#include "session/gb28181/voice_writer.h"

// The way out: streams of ours to a platform above, and their sound to loudspeakers of devices, as media_desk.h is the
// way in.
namespace weir::session::gb28181 {

struct SendOrder {
  hub::Request request;  // which stream
  // From our side: `tcp_active` connects to the other one, `tcp_passive` lets it connect.
  MediaTransport transport = MediaTransport::udp;
  std::string address;        // of the other side's offer; numeric. Nobody else may connect
  std::uint16_t port = 0;     // 0: its answer will say, see SendPlace::aim()
  std::string local_address;  // where packets leave from
  std::uint32_t ssrc = 0;
  std::optional<VoiceForm> voice;  // sound alone; none: all of the stream, as a program stream
};

struct SendFigures {
  std::uint64_t packets = 0, bytes = 0, skips = 0;  // skips: to a newer key frame, as the other side took too little
  bool sending = false;
};

// Told of a place, on its worker and never from inside its calls; by nobody after the place has gone.
class SendListener {
 public:
  virtual ~SendListener() = default;
  // The stream is there, and with it the port to answer with: ours, which packets come from or which can be connected
  // to; 9 where neither is so (RFC 4145 4.1).
  virtual void on_ready(std::uint16_t port) = 0;
  // It is over by itself, once. The place is still there, and is for its owner to destroy (here, too).
  virtual void on_end(base::ErrorCode why) = 0;
};

// A stream on its way; its token. Destroying it stops it.
class SendPlace {
 public:
  virtual ~SendPlace() = default;
  // Where the other side is, when it answered an offer of ours; before begin().
  virtual void aim(const std::string& address, std::uint16_t port) = 0;
  // The other side has heard the answer: media flows from the newest key frame on.
  virtual void begin() = 0;
  virtual SendFigures figures() const = 0;
};

class SendDesk {
 public:
  virtual ~SendDesk() = default;
  // `listener` outlives the place.
  virtual std::unique_ptr<SendPlace> open(SendOrder order, SendListener& listener) = 0;
};

}  // namespace weir::session::gb28181
