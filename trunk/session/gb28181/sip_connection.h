#pragma once

#include <memory>
#include <string>

#include "net/byte_stream.h"
#include "net/life.h"

namespace weir::session::gb28181 {

// What is to be written to a connection of a device: at once as far as the system takes it, the rest when it can. A
// device that does not read is closed.
class SipConnection {
 public:
  static constexpr std::size_t most_waiting = 1024 * 1024;  // bytes

  SipConnection(net::Life& life, net::ByteStream& stream) : life_(life), stream_(stream) {}
  SipConnection(const SipConnection&) = delete;

  void send(std::string_view bytes);
  // The session ends soon.
  void close() { life_.stop(net::Errc::stopped); }

 private:
  void flush();

  net::Life& life_;
  net::ByteStream& stream_;
  std::string waiting_;
  bool armed_ = false;
  // The stream may outlive this, and call.
  std::shared_ptr<SipConnection*> self_ = std::make_shared<SipConnection*>(this);
};

}  // namespace weir::session::gb28181
