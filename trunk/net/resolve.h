#pragma once

#include <string>
#include <vector>

#include "net/task.h"
#include "net/udp_address.h"

namespace weir::net {

// The addresses of a host name, as the system knows them; a numeric address is its own. At most `most` of them.
// Errc::timed_out after a few seconds, or what the resolver says.
Task<base::Result<std::vector<UdpAddress>>> resolve(std::string host, std::uint16_t port, std::size_t most = 4);

}  // namespace weir::net
