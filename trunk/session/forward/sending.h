#pragma once

#include <cstdint>

#include "base/clock.h"
#include "net/transport_figures.h"

namespace weir::session::forward {

// A connection that a stream is being sent over, as the API sees it.
class Sending {
 public:
  virtual std::uint64_t sent_bytes() const = 0;
  virtual std::uint64_t skips() const = 0;  // to a newer key frame
  virtual base::Ticks behind() const = 0;   // the live edge
  // Datagrams, messages: that could not be sent, or came too late for it. None of a byte stream.
  virtual std::uint64_t drops() const { return 0; }
  // Of a transport of our own; null: it has none. Good until the next call.
  virtual const net::TransportFigures* transport() const { return nullptr; }

 protected:
  ~Sending() = default;
};

}  // namespace weir::session::forward
