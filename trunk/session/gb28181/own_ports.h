#pragma once

#include "base/log.h"
#include "config/config.h"
#include "net/udp_port.h"
#include "session/gb28181/media_shared.h"

namespace weir::session::gb28181 {

// An even port of `media_ports`, open for TCP and for UDP: that of one stream.
struct OwnPorts {
  net::UdpSocket udp;
  net::ListenSocket tcp;
  std::uint16_t port = 0;
};
// The next one that is free. MediaErrc::no_free_port; the system's errors.
base::Result<OwnPorts> open_own_ports(const config::StreamCaster& caster, MediaShared& shared, const log::Context& log);

}  // namespace weir::session::gb28181
