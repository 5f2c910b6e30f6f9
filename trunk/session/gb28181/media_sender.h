#pragma once

#include <memory>
#include <unordered_map>

#include "hub/hub.h"
#include "session/gb28181/media_shared.h"
#include "session/gb28181/send_desk.h"

namespace weir::session::gb28181 {

// Streams to platforms above: each is a reader of the program stream (pack::ps), cut into RTP packets; and sound to
// devices, of G.711 (pack::pcma). On the worker of
// SIP, whose hub has the streams of all workers. Outlives its places.
class MediaSender final : public SendDesk {
 public:
  MediaSender(hub::Hub& hub, MediaShared& shared) : hub_(hub), shared_(shared) {}
  ~MediaSender() override;

  std::unique_ptr<SendPlace> open(SendOrder order, SendListener& listener) override;

  // For a stream that somebody has to bring first.
  static constexpr std::chrono::seconds stream_limit{10};
  // From the answer to the acknowledgement, and from there to the connection.
  static constexpr std::chrono::seconds begin_limit{40}, connection_limit{15};

 private:
  class Sending;
  class Place;

  hub::Hub& hub_;
  MediaShared& shared_;
};

}  // namespace weir::session::gb28181
