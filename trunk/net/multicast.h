#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "net/udp_address.h"

namespace weir::net {

bool is_multicast(const UdpAddress& address);

// Has the kernel ask for the datagrams of a group (RFC 3376, RFC 3810), for as long as the socket is open. `interface`
// is a name, a number or an address of one; empty: as the system routes the group. With `source`, its alone (RFC 4607).
// Errors: the system's.
base::Result<void> join_group(int descriptor, const UdpAddress& group, const std::string& interface,
                              const std::optional<UdpAddress>& source);

// The same again, for routers and switches that have forgotten it: says that nobody listens, and at once that somebody
// does. A moment's datagrams may be lost. `socket` has joined the group with the same words.
base::Result<void> rejoin_group(int descriptor, const UdpAddress& group, const std::string& interface,
                                const std::optional<UdpAddress>& source);

// What a socket sends to `to` leaves by that interface, named as above, and passes at most `hops` routers; empty and 0:
// as the system has it, which is 1 for a group. Errors: the system's.
base::Result<void> send_over(int descriptor, const UdpAddress& to, const std::string& interface, unsigned hops);

}  // namespace weir::net
