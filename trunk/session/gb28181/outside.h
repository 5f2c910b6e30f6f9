#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "format/manscdp/message.h"
#include "hub/request.h"
#include "proto/sip/transactions.h"
#include "session/gb28181/devices.h"
#include "session/gb28181/media_desk.h"
#include "session/gb28181/send_desk.h"

namespace weir::session::gb28181 {

// What happened to a device. The references hold for the call alone.
struct DeviceEvent {
  enum class Kind : std::uint8_t { online, offline, alarm, position, talk, talk_over } kind;
  const Device& device;
  std::string reason{};   // of offline and talk_over
  std::string channel{};  // of alarm and position: of whom the device speaks; of talk: the loudspeaker
  const manscdp::Alarm* alarm = nullptr;
};

// What the platform stands on: sockets, clocks, media, and those who are told. On its worker.
class Outside {
 public:
  virtual ~Outside() = default;
  virtual base::Instant now() const = 0;
  virtual WallTime wall() const = 0;
  virtual void send(const sip::Outgoing& message) = 0;
  virtual MediaDesk& desk() = 0;
  // As a stream of ours is asked for; none if there is no such virtual host.
  virtual std::optional<hub::Request> request_of(const std::string& vhost, const std::string& app,
                                                 const std::string& stream) = 0;
  virtual void tell(const DeviceEvent& event) = 0;
  // A way to a platform above: at once, or later, over a datagram port of ours or a new connection. None: it cannot be
  // had. Whoever asked holds `then`; once it is gone nobody is told.
  using Reached = std::function<void(std::optional<sip::Way>)>;
  virtual void reach(const std::string& address, std::uint16_t port, bool by_tcp, std::weak_ptr<Reached> then) = 0;
  // That way, where it is a connection, is not needed any longer.
  virtual void let_go(std::uint64_t connection) = 0;
  virtual SendDesk& sending() = 0;
  // Somebody publishes it, or would be asked to.
  virtual bool available(const hub::Request& request) const = 0;
  // A stream that somebody wants cannot be brought.
  virtual void cannot_start(const base::StreamKey& key, base::ErrorCode why) = 0;
};

}  // namespace weir::session::gb28181
